using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>Each fault of the relay is what it says; the server behind it echoes.</summary>
public sealed class ThrottledSocketTests : IAsyncLifetime
{
    private readonly TcpListener _echo = new(IPAddress.Loopback, 0);
    private ThrottledSocket _relay = null!;

    public Task InitializeAsync()
    {
        _echo.Start();
        _ = EchoAsync();
        _relay = ThrottledSocket.Start(_echo.LocalEndpoint);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _relay.DisposeAsync();
        _echo.Dispose();
    }

    [Fact]
    public async Task Without_faults_bytes_pass_both_ways_and_segments_are_recorded()
    {
        _relay.RecordsSegments = true;
        using var client = await ConnectAsync();
        Assert.Equal("one", await ExchangeAsync(client, "one"));
        Assert.Equal("three", await ExchangeAsync(client, "three"));
        Assert.Equal([3, 5], _relay.RequestSegments);
    }

    [Fact]
    public async Task Stalled_replies_come_in_order_once_the_stall_ends()
    {
        using var client = await ConnectAsync();
        _relay.StallReplies();
        await client.SendAsync("ab"u8.ToArray());
        var reply = ReceiveAsync(client);
        await Assert.ThrowsAsync<TimeoutException>(() => reply.WaitAsync(TimeSpan.FromMilliseconds(100)));
        _relay.Resume();
        Assert.Equal("ab", await reply);
    }

    [Fact]
    public async Task A_cut_passes_so_many_bytes_and_closes()
    {
        using var client = await ConnectAsync();
        _relay.CutRepliesAfter(4);
        Assert.Equal("abcd", await ExchangeAsync(client, "abcdefgh"));
        Assert.Equal("", await ReceiveAsync(client));
        using var next = await ConnectAsync();
        Assert.Equal("abcdefgh", await ExchangeAsync(next, "abcdefgh"));
    }

    [Fact]
    public async Task A_reset_is_seen_as_a_reset()
    {
        using var client = await ConnectAsync();
        Assert.Equal("a", await ExchangeAsync(client, "a"));
        _relay.StallReplies();
        await client.SendAsync("b"u8.ToArray());
        _relay.ResetConnections();
        var error = await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(client));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task While_it_refuses_open_connections_live_on_and_new_ones_fail()
    {
        using var client = await ConnectAsync();
        Assert.Equal("a", await ExchangeAsync(client, "a"));
        await _relay.RefuseAsync();
        await Assert.ThrowsAsync<SocketException>(ConnectAsync);
        Assert.Equal("b", await ExchangeAsync(client, "b"));
        _relay.Accept();
        using var next = await ConnectAsync();
        Assert.Equal("c", await ExchangeAsync(next, "c"));
    }

    [Fact]
    public async Task Injected_bytes_reach_the_client()
    {
        using var client = await ConnectAsync();
        Assert.Equal("a", await ExchangeAsync(client, "a"));
        await _relay.InjectAsync("garbage"u8.ToArray());
        Assert.Equal("garbage", await ReceiveAsync(client));
    }

    [Fact]
    public async Task Replies_are_delayed()
    {
        _relay.ReplyDelay = TimeSpan.FromMilliseconds(50);
        using var client = await ConnectAsync();
        var startedAt = TimeProvider.System.GetTimestamp();
        Assert.Equal("a", await ExchangeAsync(client, "a"));
        Assert.True(TimeProvider.System.GetElapsedTime(startedAt) >= TimeSpan.FromMilliseconds(45));
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_relay.EndPoint);
        return socket;
    }

    private static async Task<string> ExchangeAsync(Socket socket, string text)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        return await ReceiveAsync(socket);
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        var buffer = new byte[256];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer));
    }

    private async Task EchoAsync()
    {
        try
        {
            while (true) _ = EchoAsync(await _echo.AcceptSocketAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            var buffer = new byte[256];
            try
            {
                while (await socket.ReceiveAsync(buffer) is > 0 and var length) await socket.SendAsync(buffer.AsMemory(0, length));
            }
            catch (SocketException)
            {
                // The relay has gone.
            }
        }
    }
}
