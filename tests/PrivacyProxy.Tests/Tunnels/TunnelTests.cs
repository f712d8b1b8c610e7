using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PrivacyProxy.Telemetry;
using PrivacyProxy.Tests.Listeners;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Tunnels;

public sealed class TunnelTests
{
    [Fact]
    public async Task A_read_that_was_cancelled_before_the_tunnel_loses_no_byte_of_it()
    {
        await using var services = new ServiceCollection().AddOptions().BuildServiceProvider();
        using var registry = new TunnelRegistry(services.GetRequiredService<IOptionsMonitor<TunnelOptions>>(), TimeProvider.System);
        using var metrics = new ProxyMetrics();
        using var origin = new TestOrigin();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", origin.Port);
        using var server = await origin.AcceptAsync();
        var client = new Pipe();
        client.Reader.CancelPendingRead();
        var running = new Tunnel(new PipeClient(client.Reader), socket, registry, new TunnelTraffic(metrics, TimeProvider.System, receivedAt: 0)).RunAsync();

        await client.Writer.WriteAsync("late"u8.ToArray());
        await client.Writer.CompleteAsync();
        Assert.Equal("late"u8.ToArray(), await TunnelTransferTests.ReadToEndAsync(server));
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(TunnelEnding.Finished, await running.WaitAsync(TestTimes.Limit));
    }

    /// <summary>A client that sends what is in a pipe and takes everything.</summary>
    private sealed class PipeClient(PipeReader input) : TunnelClient
    {
        public override PipeReader Input => input;

        public override int MaxBufferSize => 4096;

        public override Memory<byte> GetBuffer(int size) => new byte[size];

        public override ValueTask<bool> SendAsync(int count) => ValueTask.FromResult(true);

        public override void ReleaseBuffer()
        {
        }

        public override ValueTask CompleteAsync() => ValueTask.CompletedTask;

        public override void Reset()
        {
        }
    }
}
