using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tunneling.Pumps;

namespace Tunneling.Tests.Pumps;

public sealed class TunnelPumpTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private PumpServer _server = null!;

    public Task InitializeAsync()
    {
        _listener.Start(4096);
        _server = new PumpServer((IPEndPoint)_listener.LocalEndpoint);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _listener.Dispose();
        Assert.Empty(_server.Failures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(30_000_000)]
    public async Task Every_byte_arrives_once_and_in_order_both_ways_at_once(int length)
    {
        var (client, origin) = await OpenAsync();
        var (up, down) = (RandomNumberGenerator.GetBytes(length), RandomNumberGenerator.GetBytes(length));
        var sends = Task.WhenAll(SendAsync(client, up), SendAsync(origin, down));
        var received = await Task.WhenAll(ReadToEndAsync(origin), ReadToEndAsync(client)).WaitAsync(_patience);
        await sends.WaitAsync(_patience);
        Assert.True(received[0].AsSpan().SequenceEqual(up));
        Assert.True(received[1].AsSpan().SequenceEqual(down));
        Assert.Equal(PumpEnding.Finished, await EndingAsync());
        GC.KeepAlive((client, origin));
        var tunnel = Assert.Single(_server.Tunnels);
        // One byte each way opened it.
        Assert.Equal((length + 1, length + 1), (tunnel.Up, tunnel.Down));
    }

    [Fact]
    public async Task A_slow_reader_gets_every_byte_before_the_end_and_the_pump_holds_little()
    {
        var (client, origin) = await OpenAsync();
        origin.ReceiveBufferSize = 64 * 1024;
        var bytes = RandomNumberGenerator.GetBytes(5_000_000);
        var sending = SendAsync(client, bytes);
        var received = new MemoryStream();
        var buffer = new byte[3000];
        for (var i = 0; ; i++)
        {
            if (i % 500 == 0) await Task.Delay(1);
            var count = await origin.ReceiveAsync(buffer);
            if (count == 0) break;
            received.Write(buffer.AsSpan(0, count));
            Assert.True(_server.Tunnels.Single().Pump.Held <= 2 * 256 * 1024);
        }

        await sending.WaitAsync(_patience);
        Assert.True(received.ToArray().AsSpan().SequenceEqual(bytes));
        // The finalizer of a socket resets.
        GC.KeepAlive(client);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_one_side_has_ended_the_other_goes_on(bool clientFirst)
    {
        var (client, origin) = await OpenAsync();
        var (first, second) = clientFirst ? (client, origin) : (origin, client);
        first.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await second.ReceiveAsync(new byte[1]).WaitAsync(_patience));
        for (var i = 0; i < 50; i++)
        {
            await second.SendAsync(new byte[] { (byte)i });
            var got = new byte[1];
            Assert.Equal(1, await first.ReceiveAsync(got).WaitAsync(_patience));
            Assert.Equal(i, got[0]);
        }

        second.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await first.ReceiveAsync(new byte[1]).WaitAsync(_patience));
        Assert.Equal(PumpEnding.Finished, await EndingAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_is_passed_on_as_a_reset(bool ofClient)
    {
        var (client, origin) = await OpenAsync();
        var (one, other) = ofClient ? (client, origin) : (origin, client);
        one.Close(0);
        var e = await Assert.ThrowsAsync<SocketException>(() => other.ReceiveAsync(new byte[1]).WaitAsync(_patience));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        Assert.Equal(ofClient ? PumpEnding.ClientFailed : PumpEnding.OriginFailed, await EndingAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_side_that_resets_while_its_bytes_are_stalled_ends_the_tunnel_at_once(bool ofClient)
    {
        var (client, origin) = await OpenAsync();
        var (one, other) = ofClient ? (client, origin) : (origin, client);
        await FillAsync(one);
        one.Close(0);
        Assert.Equal(ofClient ? PumpEnding.ClientFailed : PumpEnding.OriginFailed, await EndingAsync());
        await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(other).WaitAsync(_patience));
    }

    [Fact]
    public async Task A_side_that_resets_after_its_own_end_ends_the_tunnel_at_once()
    {
        var (client, origin) = await OpenAsync();
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await origin.ReceiveAsync(new byte[1]).WaitAsync(_patience));
        client.Close(0);
        Assert.Equal(PumpEnding.ClientFailed, await EndingAsync());
    }

    [Fact]
    public async Task A_stalled_tunnel_holds_at_most_one_buffer_each_way_and_an_idle_one_none()
    {
        var (client, origin) = await OpenAsync();
        await Task.WhenAll(FillAsync(client), FillAsync(origin));
        var pump = _server.Tunnels.Single().Pump;
        Assert.InRange(pump.Held, 1, 2 * 256 * 1024);
        client.Shutdown(SocketShutdown.Send);
        var reading = Task.WhenAll(ReadToEndAsync(origin), DrainAsync(client));
        for (var waited = 0; pump.Held > 0 && waited < 6000; waited++) await Task.Delay(10);
        Assert.Equal(0, pump.Held);
        origin.Shutdown(SocketShutdown.Send);
        await reading.WaitAsync(_patience);
    }

    [Fact]
    public async Task A_busy_tunnel_does_not_keep_others_of_its_loop_waiting()
    {
        await using var server = new PumpServer((IPEndPoint)_listener.LocalEndpoint, loops: 1);
        using var stop = new CancellationTokenSource();
        var busy = new List<Task>();
        for (var i = 0; i < 4; i++)
        {
            var (source, sink) = await OpenAsync(server);
            busy.Add(PushAsync(source, stop.Token));
            busy.Add(DrainAsync(sink));
        }

        var (client, origin) = await OpenAsync(server);
        var one = new byte[1];
        for (var i = 0; i < 200; i++)
        {
            await client.SendAsync(one);
            Assert.Equal(1, await origin.ReceiveAsync(one).WaitAsync(_patience));
        }

        await stop.CancelAsync();
        client.Close();
        await Task.WhenAll(busy).WaitAsync(_patience);
    }

    [Fact]
    public async Task Thousands_of_connections_half_of_them_rude_leave_no_descriptor_and_no_watch_behind()
    {
        var accepting = AcceptRudelyAsync();
        var before = Descriptors();
        const int Connections = 20_000, AtOnce = 50;
        await Parallel.ForEachAsync(Enumerable.Range(0, Connections), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await client.ConnectAsync(_server.EndPoint);
                if (i % 4 != 3) await client.SendAsync(new byte[(i % 5) * 300]);
                if (i % 4 < 2)
                {
                    client.Shutdown(SocketShutdown.Send);
                    await ReadToEndAsync(client);
                }
                else if (i % 4 == 2)
                {
                    client.Close(0);
                }
            }
            catch (SocketException)
            {
                // The other side was rude first.
            }
        }).WaitAsync(_patience);
        for (var waited = 0; (_server.Endings.Count < Connections || _server.Open > 0) && waited < 6000; waited++) await Task.Delay(10);
        Assert.Equal(Connections, _server.Endings.Count);
        for (var waited = 0; Descriptors() > before + 20 && waited < 6000; waited++) await Task.Delay(10);
        Assert.InRange(Descriptors(), 0, before + 20);
        // Each loop watches the listener alone.
        Assert.All(_server.Loops, static loop => Assert.Equal((1, 0), (loop.Watched, loop.Connections)));
        _listener.Stop();
        await accepting.WaitAsync(_patience);
    }

    private async Task AcceptRudelyAsync()
    {
        for (var i = 0; ; i++)
        {
            Socket origin;
            try
            {
                origin = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            var kind = i % 3;
            _ = Task.Run(async () =>
            {
                using var _ = origin;
                try
                {
                    if (kind == 0) origin.Close(0);
                    else if (kind == 1) await ReadToEndAsync(origin);
                    else await origin.SendAsync(new byte[100]);
                }
                catch (SocketException)
                {
                    // Rude clients.
                }
            });
        }
    }

    private Task<(Socket Client, Socket Origin)> OpenAsync() => OpenAsync(_server);

    private async Task<(Socket Client, Socket Origin)> OpenAsync(PumpServer server)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(server.EndPoint);
        var origin = await _listener.AcceptSocketAsync().WaitAsync(_patience);
        origin.NoDelay = true;
        // The pump has begun once a byte came through.
        await client.SendAsync(new byte[1]);
        Assert.Equal(1, await origin.ReceiveAsync(new byte[1]).WaitAsync(_patience));
        await origin.SendAsync(new byte[1]);
        Assert.Equal(1, await client.ReceiveAsync(new byte[1]).WaitAsync(_patience));
        return (client, origin);
    }

    private async Task<PumpEnding> EndingAsync()
    {
        for (var waited = 0; waited < 6000; waited++)
        {
            if (_server.Endings.TryDequeue(out var ending)) return ending;
            await Task.Delay(10);
        }

        throw new TimeoutException("The tunnel does not end.");
    }

    private static async Task SendAsync(Socket socket, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;) sent += await socket.SendAsync(bytes.AsMemory(sent));
        socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Sends until nothing more is taken for a while.</summary>
    private static async Task FillAsync(Socket socket)
    {
        socket.Blocking = false;
        var bytes = new byte[100_000];
        for (var full = 0; full < 20;)
        {
            socket.Send(bytes, SocketFlags.None, out var error);
            full = error == SocketError.WouldBlock ? full + 1 : 0;
            if (full > 0) await Task.Delay(20);
        }
    }

    private static async Task PushAsync(Socket socket, CancellationToken stop)
    {
        var bytes = new byte[256 * 1024];
        while (!stop.IsCancellationRequested) await socket.SendAsync(bytes);
        socket.Shutdown(SocketShutdown.Send);
        await DrainAsync(socket);
        socket.Dispose();
    }

    private static async Task DrainAsync(Socket socket)
    {
        var buffer = new byte[256 * 1024];
        while (await socket.ReceiveAsync(buffer) > 0)
        {
        }

        socket.Shutdown(SocketShutdown.Both);
    }

    private static async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var stream = new MemoryStream();
        var buffer = new byte[100_000];
        while (await socket.ReceiveAsync(buffer) is > 0 and var count) stream.Write(buffer.AsSpan(0, count));
        return stream.ToArray();
    }

    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;
}
