using System.Collections.Concurrent;
using MsQuic;
using PrivacyProxy.Listeners.KestrelHttp3.Datagrams;

namespace PrivacyProxy.Tests.Http3;

/// <summary>HTTP Datagrams (RFC 9297) of connect-udp over real QUIC, and what a client must not do with them.</summary>
public sealed class HttpDatagramTests
{
    private const string Dropped = "privacy_proxy_http_datagrams_dropped_total";

    [SkippableFact]
    public async Task Both_ends_carry_udp_in_datagrams_beside_the_stream()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        Assert.Equal(1ul, (await client.Http.Settings.WaitAsync(TestTimes.Limit))[Http3Codes.H3Datagram]);
        using var echo = new UdpEcho();
        var tunnel = await client.OpenAsync(echo.Port);
        foreach (var size in new[] { 0, 1, 700, 1_100 })
        {
            var sent = System.Security.Cryptography.RandomNumberGenerator.GetBytes(size);
            client.Send(0, [0, .. sent]);
            await client.AssertReceivesAsync(0, [0, .. sent]);
        }

        // Those on the stream go to the same target, which answers beside it.
        await tunnel.SendDataAsync(Convert.FromHexString("0005" + "0070696e67"));
        await client.AssertReceivesAsync(0, "\0ping"u8.ToArray());
        Assert.Equal(0, proxy.Metrics[Dropped]);
    }

    [SkippableTheory]
    [InlineData(1280)]
    [InlineData(1300)]
    [InlineData(1500)]
    public async Task What_QUIC_begins_with_comes_back_whatever_packets_are_sent_and_however_soon(int packet)
    {
        Skip.IfNot(QuicLibrary.IsSupported, QuicLibrary.Problem);
        await using var proxy = await ProxyFixture.StartAsync(tls: true, quic: true, listen: options => options.Quic.MaxPacketBytes = packet);
        await using var client = await Client.ConnectAsync(proxy);
        using var echo = new UdpEcho();
        var tunnel = await client.OpenAsync(echo.Port);
        var sent = System.Security.Cryptography.RandomNumberGenerator.GetBytes(1200);
        client.Send(0, [0, .. sent]);
        // A capsule's header is three bytes long, and a byte of a context.
        var capsule = new byte[4 + sent.Length];
        var reading = Task.Run(async () =>
        {
            for (var read = 0; read < capsule.Length;) read += await tunnel.ReadAsync(capsule.AsMemory(read));
        });
        await TestTimes.UntilAsync(() => reading.IsCompleted || !client.Received.IsEmpty);
        Assert.Equal(sent, client.Received.TryDequeue(out var received) ? received.Datagram[1..] : capsule[4..]);
        Assert.Equal(0, proxy.Metrics[Dropped]);
    }

    [SkippableFact]
    public async Task Who_did_not_ask_for_datagrams_gets_capsules()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy, settings: []);
        using var echo = new UdpEcho();
        var tunnel = await client.OpenAsync(echo.Port);
        client.Send(0, "\0ping"u8);
        var capsule = new byte[7];
        for (var read = 0; read < capsule.Length;) read += await tunnel.ReadAsync(capsule.AsMemory(read)).WaitAsync(TestTimes.Limit);
        Assert.Equal("0005" + "0070696e67", Convert.ToHexStringLower(capsule));
        Assert.Empty(client.Received);
    }

    [SkippableFact]
    public async Task Those_that_come_with_the_request_or_before_it_are_not_lost()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        using var echo = new UdpEcho();
        // None may be sent before.
        await client.Http.Settings.WaitAsync(TestTimes.Limit);
        // Of a stream that does not exist yet.
        client.Send(0, "\0early"u8);
        await client.OpenAsync(echo.Port);
        await client.AssertReceivesAsync(0, "\0early"u8.ToArray());
    }

    [SkippableFact]
    public async Task A_burst_comes_back_whole_and_what_fills_its_packets_is_of_a_context_that_nobody_has()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        using var echo = new UdpEcho();
        await client.OpenAsync(echo.Port);
        byte[][] sent = [.. Enumerable.Range(0, 60).Select(static i => (byte[])[0, (byte)i, .. new byte[1_000]])];
        foreach (var datagram in sent) client.Send(0, datagram);
        await TestTimes.UntilAsync(() => client.Received.Count(static received => received.Datagram[0] == 0) == sent.Length);
        Assert.Equal(sent, client.Received.Where(static received => received.Datagram[0] == 0).Select(static received => received.Datagram).OrderBy(static datagram => datagram[1]));
        var others = client.Received.Where(static received => received.Datagram[0] != 0).ToArray();
        Assert.All(others, static other => Assert.Equal((0L, 0x3f), (other.Stream, other.Datagram[0])));
        Assert.All(others, static other => Assert.True(other.Datagram.AsSpan(1).IndexOfAnyExcept((byte)0) < 0));
    }

    [SkippableFact]
    public async Task Two_tunnels_keep_theirs_apart()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        using var echo = new UdpEcho();
        await client.OpenAsync(echo.Port);
        await client.OpenAsync(echo.Port);
        client.Send(4, "\0second"u8);
        await client.AssertReceivesAsync(4, "\0second"u8.ToArray());
        client.Send(0, "\0first"u8);
        await client.AssertReceivesAsync(0, "\0first"u8.ToArray());
    }

    [SkippableFact]
    public async Task Unknown_contexts_and_ended_streams_get_nothing_and_harm_nothing()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        using var echo = new UdpEcho();
        var first = await client.OpenAsync(echo.Port);
        await client.OpenAsync(echo.Port);
        client.Send(0, [2, 1, 2, 3]);
        first.Reset(Http3Codes.RequestCancelled);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 1);
        await TestTimes.UntilAsync(() =>
        {
            client.Send(0, "\0late"u8);
            return proxy.Metrics[Dropped + "{reason=unknown_stream}"] > 0;
        });
        client.Send(4, "\0still"u8);
        await client.AssertReceivesAsync(4, "\0still"u8.ToArray());
    }

    [SkippableFact]
    public async Task An_answer_too_large_for_the_path_is_dropped_and_counted()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        using var echo = new UdpEcho();
        var tunnel = await client.OpenAsync(echo.Port);
        // By a capsule it may be of any size.
        await tunnel.SendDataAsync((byte[])[0, 0x80, 0, 0x9c, 0x41, 0, .. new byte[40_000]]);
        await TestTimes.UntilAsync(() => proxy.Metrics[Dropped + "{reason=too_large}"] == 1);
        client.Send(0, "\0still"u8);
        await client.AssertReceivesAsync(0, "\0still"u8.ToArray());
    }

    [SkippableFact]
    public async Task A_request_that_has_none_is_aborted_when_one_comes_and_the_connection_goes_on()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        using var origin = new TestOrigin();
        var plain = await client.Http.RequestAsync(Http3Fields.Connect(origin.Authority, Http3Fields.Good));
        Assert.Equal(200, (await plain.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
        client.Send(0, "\0what"u8);
        var e = await Assert.ThrowsAsync<StreamAbortedException>(() => plain.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        Assert.Equal(Http3Codes.DatagramError, e.Code);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        using var echo = new UdpEcho();
        await client.OpenAsync(echo.Port);
        client.Send(4, "\0fine"u8);
        await client.AssertReceivesAsync(4, "\0fine"u8.ToArray());
    }

    [SkippableTheory]
    // None, and two that are cut off.
    [InlineData("")]
    [InlineData("40")]
    [InlineData("c000000000")]
    public async Task A_datagram_without_a_context_breaks_its_tunnel(string datagram)
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        using var echo = new UdpEcho();
        var tunnel = await client.OpenAsync(echo.Port);
        client.Send(0, Convert.FromHexString(datagram));
        var e = await Assert.ThrowsAsync<StreamAbortedException>(() => tunnel.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        Assert.Equal(Http3Codes.MessageError, e.Code);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
    }

    [SkippableTheory]
    // Nothing; a number cut off; one that is no quarter of a stream's; one beyond all streams that may be.
    [InlineData("", Http3Codes.DatagramError)]
    [InlineData("40", Http3Codes.DatagramError)]
    [InlineData("d000000000000000", Http3Codes.DatagramError)]
    [InlineData("80ffffff00", Http3Codes.IdError)]
    public async Task A_quarter_stream_id_that_may_not_be_closes_the_connection(string datagram, long code)
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        await client.Http.Settings.WaitAsync(TestTimes.Limit);
        Assert.True(client.Quic.TrySendDatagram(default, Convert.FromHexString(datagram)));
        Assert.Equal(code, (await client.Quic.Closed.WaitAsync(TestTimes.Limit)).ApplicationErrorCode);
    }

    [SkippableTheory]
    [InlineData(2ul, true)]
    [InlineData(1ul, false)]
    public async Task A_setting_that_may_not_be_or_that_the_transport_does_not_bear_out_closes_the_connection(ulong value, bool hasDatagrams)
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy, hasDatagrams, Http3Codes.H3Datagram, value);
        Assert.Equal(Http3Codes.SettingsError, (await client.Quic.Closed.WaitAsync(TestTimes.Limit)).ApplicationErrorCode);
    }

    [SkippableFact]
    public async Task A_flood_is_dropped_beyond_a_bound_and_the_tunnel_stays()
    {
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http3Quic);
        await using var client = await Client.ConnectAsync(proxy);
        using var echo = new UdpEcho();
        await client.OpenAsync(echo.Port);
        // To no stream, to one that is not there yet, and to the tunnel.
        for (var i = 0; i < 3_000; i++)
        {
            client.Send(4 * (i % 3), [0, .. new byte[200]]);
            if (i % 100 == 0) await Task.Yield();
        }

        await TestTimes.UntilAsync(() =>
        {
            client.Send(0, "\0still"u8);
            return client.Received.Any(static received => received.Datagram.AsSpan().SequenceEqual("\0still"u8));
        });
        Assert.NotEqual(0, proxy.Metrics[Dropped + "{reason=unknown_stream}"]);
    }

    [Theory]
    [InlineData("0004023301", 1)]
    [InlineData("000404060533004001", 0)]
    [InlineData("00040406053302", 2)]
    [InlineData("0004020605", -1)]
    [InlineData("0233", -1)]
    [InlineData("00070133", -1)]
    [InlineData("000480010000", -1)]
    public void The_setting_is_found_at_the_start_of_the_control_stream_however_it_is_cut(string start, long expected)
    {
        var bytes = Convert.FromHexString(start);
        for (var cut = 0; cut <= bytes.Length; cut++)
            if (ClientSettings.TryFind(bytes.AsSpan(0, cut), out var value)) Assert.Equal(expected, value is { } found ? (long)found : -1);
        Assert.True(ClientSettings.TryFind(bytes, out _));
    }

    /// <summary>HTTP/3 by hand, on our own QUIC.</summary>
    private sealed class Client : IAsyncDisposable
    {
        private Client(Http3Client http, QuicConnection quic) => (Http, Quic) = (http, quic);

        public Http3Client Http { get; }

        public QuicConnection Quic { get; }

        public ConcurrentQueue<(long Stream, byte[] Datagram)> Received { get; } = new();

        public static Task<Client> ConnectAsync(ProxyFixture proxy) => ConnectAsync(proxy, true, Http3Codes.H3Datagram, 1);

        public static async Task<Client> ConnectAsync(ProxyFixture proxy, bool datagrams = true, params ulong[] settings)
        {
            var connection = await MsQuicConnection.ConnectAsync(proxy.EndPoint, datagrams);
            var client = new Client(await Http3Client.OpenAsync(connection, settings), connection.Quic);
            // A quarter of a stream's number below 64 is one byte.
            connection.Quic.DatagramHandler = datagram => client.Received.Enqueue((4 * datagram[0], datagram[1..].ToArray()));
            return client;
        }

        public async Task<Http3Request> OpenAsync(int port)
        {
            var tunnel = await Http.RequestAsync(Http3Fields.Extended("connect-udp", $"/.well-known/masque/udp/target.test/{port}/", Http3Fields.Good));
            Assert.Equal(200, (await tunnel.ReadHeadAsync().WaitAsync(TestTimes.Limit)).Status);
            return tunnel;
        }

        public void Send(long stream, ReadOnlySpan<byte> datagram) => Quic.TrySendDatagram([(byte)(stream / 4)], datagram);

        public async Task AssertReceivesAsync(long stream, byte[] datagram)
        {
            await TestTimes.UntilAsync(() => !Received.IsEmpty);
            Assert.True(Received.TryDequeue(out var received));
            Assert.Equal(stream, received.Stream);
            Assert.Equal(datagram, received.Datagram);
        }

        public ValueTask DisposeAsync() => Http.DisposeAsync();
    }
}
