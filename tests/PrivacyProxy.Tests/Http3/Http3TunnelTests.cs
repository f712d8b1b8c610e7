using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.Listeners.KestrelHttp3;
using Xunit.Abstractions;

namespace PrivacyProxy.Tests.Http3;

/// <summary>What is particular to CONNECT on HTTP/3; the rest is proved for every version alike.</summary>
public sealed class Http3TunnelTests(ITestOutputHelper output)
{
    /// <summary>Over Kestrel's 30,000,000-byte default limit of a request body.</summary>
    private const int Large = 34_000_003;

    [Fact]
    public async Task Both_directions_carry_more_than_kestrels_limit_at_once()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        using var origin = new TestOrigin();
        await using var client = await Http3TestClient.OpenAsync(proxy.Http3.Connect());
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();

        var down = SendAsync(Large, bytes => server.SendAsync(bytes, SocketFlags.None).AsTask());
        var atClient = HashAsync(Large, client.ReadAsync);
        var atOrigin = HashAsync(Large, buffer => server.ReceiveAsync(buffer, SocketFlags.None).AsTask());
        await SendAsync(Large, async bytes =>
        {
            await client.WriteAsync(bytes);
            return bytes.Length;
        });
        Assert.Equal(Payload.Hash(Large), await atOrigin);
        await down;
        Assert.Equal(Payload.Hash(Large), await atClient);
        Assert.Equal(1, proxy.Metrics["privacy_proxy_tunnels_active{kind=connect,protocol=http3}"]);

        // The client ends first, the origin after it: in order.
        await client.EndAsync();
        Assert.Equal(0, await server.ReceiveAsync(new byte[1], SocketFlags.None).WaitAsync(TestTimes.Limit));
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await client.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_tunnels_active{kind=connect,protocol=http3}"] == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    /// <summary>RFC 9114, section 4.2.</summary>
    [Theory]
    [InlineData("connection", "close")]
    [InlineData("proxy-connection", "keep-alive")]
    [InlineData("keep-alive", "timeout=5")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("upgrade", "websocket")]
    [InlineData("te", "gzip")]
    public async Task A_field_that_speaks_of_a_connection_makes_a_request_malformed(string name, string value)
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(proxy.Http3.Connect());
        foreach (var fields in new[]
        {
            Http3Fields.Connect(origin.Authority, Http3Fields.Good, new(name, value)),
            Http3Fields.Extended("connect-tcp", $"/.well-known/masque/tcp/127.0.0.1/{origin.Port}/", Http3Fields.Good, new(name, value)),
        })
        {
            var request = await client.RequestAsync(fields);
            var aborted = await Assert.ThrowsAsync<StreamAbortedException>(() => request.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
            Assert.Equal(Http3Codes.MessageError, aborted.Code);
        }

        Assert.Empty(proxy.Egress.Seen);
    }

    [Fact]
    public async Task An_origin_that_ends_first_ends_the_tunnel_after_a_grace_and_nothing_hangs()
    {
        var time = new FakeTimeProvider();
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3, time: time);
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(proxy.Http3.Connect());
        var tunnel = await OpenAsync(client, origin);
        using var server = await origin.AcceptAsync();
        await server.SendAsync("last words"u8.ToArray(), SocketFlags.None);
        server.Shutdown(SocketShutdown.Send);
        Assert.Equal("last words"u8.ToArray(), await ReadToEndAsync(tunnel));

        Assert.Equal(1, proxy.Registry.Count);
        time.Advance(TimeSpan.FromSeconds(3));
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        var e = await Assert.ThrowsAsync<SocketException>(() => server.ReceiveAsync(new byte[1], SocketFlags.None).WaitAsync(TestTimes.Limit));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);

        // The connection goes on.
        await AssertEchoesAsync(await OpenAsync(client, origin), origin);
        Assert.Empty(proxy.Logs.Lines);
    }

    [Fact]
    public async Task A_reset_of_one_tunnel_leaves_the_others_of_its_connection_alone()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(proxy.Http3.Connect());
        var first = await OpenAsync(client, origin);
        using var firstServer = await origin.AcceptAsync();
        var second = await OpenAsync(client, origin);
        using var secondServer = await origin.AcceptAsync();
        var third = await OpenAsync(client, origin);
        using var thirdServer = await origin.AcceptAsync();

        first.Reset(Http3Codes.RequestCancelled);
        var e = await Assert.ThrowsAsync<SocketException>(() => firstServer.ReceiveAsync(new byte[1], SocketFlags.None).WaitAsync(TestTimes.Limit));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        secondServer.Close(0);
        var aborted = await Assert.ThrowsAsync<StreamAbortedException>(() => second.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        Assert.Equal(Http3Codes.ConnectError, aborted.Code);
        await AssertEchoesAsync(third, thirdServer);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 1);
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public async Task A_client_that_leaves_while_the_origins_last_bytes_wait_for_it_frees_its_tunnel(int waiting)
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(proxy.Http3.Connect());
        var tunnel = await OpenAsync(client, origin);
        using var server = await origin.AcceptAsync();
        await server.SendAsync(new byte[waiting], SocketFlags.None);
        server.Shutdown(SocketShutdown.Send);
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_connections_active"] == 1);

        tunnel.Reset(Http3Codes.RequestCancelled);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        await AssertEchoesAsync(await OpenAsync(client, origin), origin);
        Assert.Empty(proxy.Logs.Lines);
    }

    [Fact]
    public async Task A_connection_that_closes_frees_every_tunnel_on_it()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        using var origin = new TestOrigin();
        var connection = proxy.Http3.Connect();
        var client = await Http3Client.OpenAsync(connection);
        var servers = new List<Socket>();
        for (var i = 0; i < 20; i++)
        {
            await OpenAsync(client, origin);
            servers.Add(await origin.AcceptAsync());
        }

        Assert.Equal(20, proxy.Registry.Count);
        await client.DisposeAsync();
        foreach (var server in servers)
        {
            await Assert.ThrowsAsync<SocketException>(() => server.ReceiveAsync(new byte[1], SocketFlags.None).WaitAsync(TestTimes.Limit));
            server.Dispose();
        }

        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Equal(0, proxy.Metrics["privacy_proxy_connections_active"]);
        Assert.Empty(proxy.Logs.Lines);
    }

    /// <summary>Kestrel's rate limits, where they are not lifted, close the whole connection after five seconds.</summary>
    [Fact]
    public async Task A_tunnel_may_be_silent_for_longer_than_kestrels_rate_limits_allow()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(proxy.Http3.Connect());
        var tunnel = await OpenAsync(client, origin);
        using var server = await origin.AcceptAsync();
        await AssertEchoesAsync(tunnel, server);
        // What is tested is the passing of real time: Kestrel's clock cannot be set.
        await Task.Delay(TimeSpan.FromSeconds(8));
        await AssertEchoesAsync(tunnel, server);
        Assert.Empty(proxy.Logs.Lines);
    }

    /// <summary>Kestrel gives QUIC one segment at a time: with segments of 4 KiB the mean would be below that.</summary>
    [Fact]
    public async Task Bytes_of_a_busy_tunnel_reach_the_transport_in_large_pieces()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        using var origin = new TestOrigin();
        await using var client = await Http3Client.OpenAsync(proxy.Http3.Connect());
        var tunnel = await OpenAsync(client, origin);
        using var server = await origin.AcceptAsync();
        var down = SendAsync(Large, bytes => server.SendAsync(bytes, SocketFlags.None).AsTask());
        Assert.Equal(Payload.Hash(Large), await HashAsync(Large, tunnel.ReadAsync));
        await down;
        var writes = proxy.Http3.Writes.ToArray();
        output.WriteLine($"{writes.Length} writes of {writes.Average():0} bytes on average, median {writes.Order().ElementAt(writes.Length / 2)}, largest {writes.Max()}");
        Assert.InRange(writes.Average(), 12 * 1024, 2 * LargeSegmentWriter.SegmentSize);
    }

    [Fact]
    public async Task A_connection_that_is_to_close_says_goaway_and_carries_its_tunnels_on()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3);
        using var origin = new TestOrigin();
        var connection = proxy.Http3.Connect();
        await using var client = await Http3Client.OpenAsync(connection);
        var tunnel = await OpenAsync(client, origin);
        using var server = await origin.AcceptAsync();
        // Kestrel's own feature: what a server that stops calls for each connection.
        connection.Server.Features.Get<IConnectionLifetimeNotificationFeature>()!.RequestClose();
        await client.GoAway.WaitAsync(TestTimes.Limit);
        await AssertEchoesAsync(tunnel, server);
    }

    private static async Task<Http3Request> OpenAsync(Http3Client client, TestOrigin origin)
    {
        var tunnel = await client.RequestAsync(Http3Fields.Connect(origin.Authority, Http3Fields.Good));
        Assert.Equal(200, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        return tunnel;
    }

    private static async Task AssertEchoesAsync(Http3Request tunnel, TestOrigin origin)
    {
        using var server = await origin.AcceptAsync();
        await AssertEchoesAsync(tunnel, server);
    }

    private static async Task AssertEchoesAsync(Http3Request tunnel, Socket server)
    {
        var buffer = new byte[8];
        await tunnel.SendDataAsync("ping"u8.ToArray());
        Assert.Equal(4, await server.ReceiveAsync(buffer, SocketFlags.None).WaitAsync(TestTimes.Limit));
        await server.SendAsync(buffer.AsMemory(0, 4), SocketFlags.None);
        Assert.Equal(4, await tunnel.ReadAsync(buffer).WaitAsync(TestTimes.Limit));
        Assert.Equal("ping"u8.ToArray(), buffer[..4]);
    }

    private static async Task<byte[]> ReadToEndAsync(Http3Request tunnel)
    {
        using var all = new MemoryStream();
        var buffer = new byte[4096];
        while (await tunnel.ReadAsync(buffer).WaitAsync(TestTimes.Limit) is var count and not 0) all.Write(buffer, 0, count);
        return all.ToArray();
    }

    private static async Task SendAsync(long count, Func<ReadOnlyMemory<byte>, Task<int>> send)
    {
        foreach (var chunk in Payload.Chunks(count))
            for (var rest = chunk; !rest.IsEmpty;) rest = rest[await send(rest).WaitAsync(TestTimes.Limit)..];
    }

    private static async Task<string> HashAsync(long count, Func<Memory<byte>, Task<int>> read)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        while (count > 0)
        {
            var part = await read(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count))).WaitAsync(TestTimes.Limit);
            if (part == 0) throw new EndOfStreamException();
            hash.AppendData(buffer, 0, part);
            count -= part;
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
