using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>Bytes through tunnels of every way: all of them, in order, with either side ending first.</summary>
public class TunnelTransferTests
{
    // Over Kestrel's 30,000,000-byte default limit of a request body.
    private const int Large = 34_000_003;
    private const int Many = 6_000_011;

    public static TheoryData<TestWay> Ways => [.. Enum.GetValues<TestWay>()];

    /// <summary>On HTTP/3 Kestrel hides what the client sends after the origin has ended.</summary>
    public static TheoryData<TestWay> WaysThatOutliveTheOrigin => [.. Enum.GetValues<TestWay>().Except([TestWay.Http3])];

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task The_client_ends_first_and_still_gets_every_byte_of_the_origin(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();

        await client.WriteAsync("question"u8.ToArray());
        await client.EndAsync();
        var question = await ReadToEndAsync(server);
        Assert.Equal("question"u8.ToArray(), question);
        var sending = SendAsync(server, Many);
        var received = await HashToEndAsync(client.ReadAsync);
        Assert.Equal(await sending, received);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(WaysThatOutliveTheOrigin))]
    public async Task The_origin_ends_first_and_still_gets_every_byte_of_the_client(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();

        var sent = await SendAsync(server, 1_000_003);
        Assert.Equal(sent, await HashToEndAsync(client.ReadAsync));

        var receiving = HashToEndAsync(buffer => server.ReceiveAsync(buffer, SocketFlags.None).AsTask());
        var (bytes, hash) = Random(way is TestWay.Http2 or TestWay.Http2Tls ? Large : Many);
        await client.WriteAsync(bytes).WaitAsync(TestTimes.Limit);
        await client.EndAsync();
        Assert.Equal(hash, await receiving);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(WaysThatOutliveTheOrigin))]
    public async Task Both_directions_at_once_carry_every_byte(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();

        var atClient = HashToEndAsync(client.ReadAsync);
        var atOrigin = HashToEndAsync(buffer => server.ReceiveAsync(buffer, SocketFlags.None).AsTask());
        var down = SendAsync(server, Many);
        var (bytes, hash) = Random(Many);
        await client.WriteAsync(bytes).WaitAsync(TestTimes.Limit);
        await client.EndAsync();
        Assert.Equal(hash, await atOrigin);
        Assert.Equal(await down, await atClient);
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_connections_active"] == 0);
        Assert.Equal(Many, proxy.Metrics["privacy_proxy_bytes_received_total"]);
        Assert.Equal(Many, proxy.Metrics["privacy_proxy_bytes_sent_total"]);
    }

    [Theory]
    [InlineData(TestWay.Http1Tls)]
    [InlineData(TestWay.Http1NativeTls)]
    public async Task What_the_client_sends_while_the_origin_ends_is_not_lost(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        for (var round = 0; round < 60; round++)
        {
            await using var client = await TestClient.ConnectAsync(proxy, way);
            await client.OpenAsync(origin.Authority);
            using var server = await origin.AcceptAsync();
            var ended = client.ReadAsync(new byte[1]);
            var sending = Task.Run(async () =>
            {
                var sent = 0;
                // Records of few bytes: the proxy is always at one of them.
                for (; !ended.IsCompleted; sent += 50) await client.WriteAsync(new byte[50]);
                await client.EndAsync();
                return sent;
            });
            var received = 0;
            var hasEnded = false;
            for (int count; (count = await server.ReceiveAsync(new byte[4096], SocketFlags.None).WaitAsync(TestTimes.Limit)) > 0;)
            {
                received += count;
                if (received < 30_000 || hasEnded) continue;
                hasEnded = true;
                server.Shutdown(SocketShutdown.Send);
            }

            Assert.Equal(0, await ended.WaitAsync(TestTimes.Limit));
            Assert.Equal(await sending.WaitAsync(TestTimes.Limit), received);
        }
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Bytes_are_counted_while_the_tunnel_lives(TestWay way)
    {
        var time = new FakeTimeProvider();
        await using var proxy = await ProxyFixture.StartAsync(way, time: time);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        await client.WriteAsync("three"u8.ToArray());
        Assert.Equal(5, await server.ReceiveAsync(new byte[5], SocketFlags.None).WaitAsync(TestTimes.Limit));
        await server.SendAsync("ten bytes."u8.ToArray(), SocketFlags.None);
        await client.ReadExactlyAsync(new byte[10]);
        // The bytes may arrive a moment before the tunnel notes them.
        await TestTimes.UntilAsync(() =>
        {
            time.Advance(TunnelRegistry.SweepInterval);
            return proxy.Metrics["privacy_proxy_bytes_sent_total"] == 5 && proxy.Metrics["privacy_proxy_bytes_received_total"] == 10;
        });
        Assert.Equal(1, proxy.Metrics["privacy_proxy_connections_active"]);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Small_messages_go_back_and_forth_at_once(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        var buffer = new byte[16];
        for (var i = 0; i < 200; i++)
        {
            await client.WriteAsync(BitConverter.GetBytes(i));
            Assert.Equal(4, await server.ReceiveAsync(buffer, SocketFlags.None).WaitAsync(TestTimes.Limit));
            await server.SendAsync(buffer.AsMemory(0, 4), SocketFlags.None);
            await client.ReadExactlyAsync(buffer.AsMemory(0, 4));
            Assert.Equal(i, BitConverter.ToInt32(buffer));
        }
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_reset_by_the_origin_reaches_the_client(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        var server = await origin.AcceptAsync();
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, await server.ReceiveAsync(new byte[1], SocketFlags.None));
        server.Close(0);
        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        if (client is Http2TestClient http2) Assert.Equal(0xau, http2.ResetCode);
        if (client is Http3TestClient http3) Assert.Equal(0x10f, http3.ResetCode);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_reset_by_the_client_reaches_the_origin(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, await server.ReceiveAsync(new byte[1], SocketFlags.None));
        await client.ResetAsync();
        var e = await Assert.ThrowsAsync<SocketException>(() => server.ReceiveAsync(new byte[1], SocketFlags.None).WaitAsync(TestTimes.Limit));
        Assert.Equal(SocketError.ConnectionReset, e.SocketErrorCode);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_client_that_does_not_read_stops_the_origin_after_a_bounded_amount(TestWay way)
    {
        const int Bound = 32 * 1024 * 1024;
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Egress.ReceiveBufferSize = 64 * 1024;
        using var origin = new TestOrigin();
        await using var client = way is TestWay.Http2 or TestWay.Http2Native or TestWay.Http2Tls or TestWay.Http2NativeTls
            ? await Http2TestClient.OpenAsync(proxy.EndPoint, way is TestWay.Http2Tls or TestWay.Http2NativeTls, opensWindows: false)
            : await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        server.SendBufferSize = 64 * 1024;
        server.Blocking = false;

        // What the kernel's buffers and the proxy take until nothing more is taken for a second.
        long taken = 0;
        var chunk = new byte[64 * 1024];
        for (var last = Environment.TickCount64; taken < Bound && Environment.TickCount64 - last < 1000;)
        {
            var count = server.Send(chunk, SocketFlags.None, out var error);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock, $"the tunnel has ended after {taken} bytes: {error}; {string.Join('\n', proxy.Logs.Lines)}");
            if (error == SocketError.WouldBlock) await Task.Delay(10);
            else (taken, last) = (taken + count, Environment.TickCount64);
        }

        Assert.InRange(taken, 1, Bound - 1);
        Assert.Equal(1, proxy.Registry.Count);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task An_origin_that_does_not_read_stops_the_client_after_a_bounded_amount(TestWay way)
    {
        const int Bound = 48 * 1024 * 1024;
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin(receiveBufferSize: 64 * 1024);
        await using var client = await TestClient.ConnectAsync(proxy, way);
        await client.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();
        long taken = 0;
        var chunk = new byte[64 * 1024];
        Task write = Task.CompletedTask;
        while (taken < Bound)
        {
            write = client.WriteAsync(chunk);
            if (await Task.WhenAny(write, Task.Delay(1000)) != write) break;
            await write;
            taken += chunk.Length;
        }

        Assert.InRange(taken, 1, Bound - 1);
        Assert.Equal(1, proxy.Registry.Count);
        // It goes on, once the origin reads.
        var reading = ReadToEndAsync(server);
        await write.WaitAsync(TestTimes.Limit);
        await client.EndAsync();
        Assert.Equal(taken + chunk.Length, (await reading).Length);
    }

    internal static (byte[] Bytes, string Hash) Random(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return (bytes, Convert.ToHexString(SHA256.HashData(bytes)));
    }

    internal static async Task<string> SendAsync(Socket server, int count)
    {
        var (bytes, hash) = Random(count);
        ReadOnlyMemory<byte> rest = bytes;
        while (!rest.IsEmpty) rest = rest[await server.SendAsync(rest, SocketFlags.None).AsTask().WaitAsync(TestTimes.Limit)..];
        server.Shutdown(SocketShutdown.Send);
        return hash;
    }

    internal static async Task<string> HashToEndAsync(Func<Memory<byte>, Task<int>> read)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 * 1024];
        while (await read(buffer).WaitAsync(TestTimes.Limit) is var count and not 0) hash.AppendData(buffer, 0, count);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    internal static async Task<byte[]> ReadToEndAsync(Socket server)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await server.ReceiveAsync(buffer, SocketFlags.None).WaitAsync(TestTimes.Limit) is var count and not 0) all.Write(buffer, 0, count);
        return all.ToArray();
    }
}
