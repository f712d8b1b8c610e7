using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PrivacyProxy.Recording.Instruments;
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
        using var meter = new ProxyMeter();
        var metrics = new TunnelMetrics(meter);
        using var origin = new TestOrigin();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", origin.Port);
        using var server = await origin.AcceptAsync();
        var client = new PipeTunnelClient();
        client.Input.CancelPendingRead();
        var running = new Tunnel(client, socket, registry, new TunnelTraffic(metrics, TimeProvider.System, receivedAt: 0)).RunAsync();

        await client.Sender.WriteAsync("late"u8.ToArray());
        await client.Sender.CompleteAsync();
        Assert.Equal("late"u8.ToArray(), await TunnelTransferTests.ReadToEndAsync(server));
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(TunnelEnding.Finished, await running.WaitAsync(TestTimes.Limit));
    }
}
