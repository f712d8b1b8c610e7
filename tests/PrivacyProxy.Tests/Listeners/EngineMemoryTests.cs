using System.Net;
using System.Net.Sockets;
using MsQuic;
using PrivacyProxy.Tests.Admission;

namespace PrivacyProxy.Tests.Listeners;

[Collection(AloneCollection.Name)]
public sealed class EngineMemoryTests
{
    private const int Tunnels = 900, Rounds = 5;

    /// <summary>What was asked for is 6 KiB each, with everything that nobody but the tunnel needs.</summary>
    [Fact]
    public async Task An_idle_tunnel_of_HTTP2_holds_less_than_six_kibibytes()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http2Native);
        // Connections to it wait in the queue of the kernel, where they cost this process nothing.
        using var origin = new Socket(SocketType.Stream, ProtocolType.Tcp);
        origin.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        origin.Listen(4 * Tunnels);
        using var client = RudeConnection.OpenHttp2(proxy.EndPoint);
        var block = Hpack.Write(
        [
            new(":method", "CONNECT"),
            new(":authority", $"origin.test:{((IPEndPoint)origin.LocalEndPoint!).Port}"),
            new("proxy-authorization", TestClient.GoodCredentials),
        ]);
        // The first makes the connection known; until then it may have few.
        await OpenAsync(proxy, client, block, first: 0, count: 1);
        // In one of them the pools may give back what tests before this one have left there.
        var each = new long[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var before = Settled();
            await OpenAsync(proxy, client, block, first: 1 + (round * Tunnels / Rounds), count: Tunnels / Rounds);
            each[round] = (Settled() - before) / (Tunnels / Rounds);
        }

        Assert.InRange(each.Order().ElementAt(Rounds / 2), 500, 6 * 1024);
    }

    /// <summary>With what the client has of it, which is in this process too. Where Kestrel's buffer of the answer's head stays it is 16 KiB more.</summary>
    [SkippableFact]
    public async Task An_idle_tunnel_of_HTTP3_holds_nothing_that_only_its_opening_needed()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        using var origin = new Socket(SocketType.Stream, ProtocolType.Tcp);
        origin.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        origin.Listen(4 * Tunnels);
        var connection = await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams: false);
        await using var client = await Http3Client.OpenAsync(connection);
        var head = FrameWriter.Frame(Http3Codes.HeadersFrame, Qpack.Write(Http3Fields.Connect($"origin.test:{((IPEndPoint)origin.LocalEndPoint!).Port}", Http3Fields.Good)));
        var streams = new List<QuicStream>();
        await OpenAsync(connection.Quic, head, streams, count: 20);
        var before = Settled();
        await OpenAsync(connection.Quic, head, streams, count: 100);
        var each = (Settled() - before) / 100;
        Assert.InRange(each, 500, 20 * 1024);
        foreach (var stream in streams) await stream.DisposeAsync();
    }

    private static async Task OpenAsync(QuicConnection connection, byte[] head, List<QuicStream> streams, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var stream = await connection.OpenStreamAsync(bidirectional: true).AsTask().WaitAsync(TestTimes.Limit);
            streams.Add(stream);
            await stream.Output.WriteAsync(head);
            var answer = await stream.Input.ReadAsync().AsTask().WaitAsync(TestTimes.Limit);
            Assert.Equal(Http3Codes.HeadersFrame, answer.Buffer.FirstSpan[0]);
            stream.Input.AdvanceTo(answer.Buffer.End);
        }
    }

    private static async Task OpenAsync(ProxyFixture proxy, RudeConnection client, byte[] block, int first, int count)
    {
        for (var i = first; i < first + count; i++) Assert.True(await client.SendAsync(RudeConnection.Frame(1, 4, 1 + (2 * i), block)));
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_connections_active"] == first + count);
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
