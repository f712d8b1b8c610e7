using System.Net;
using System.Net.Sockets;
using Masque;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Listeners.Templated;

/// <summary>connect-udp (RFC 9298) over HTTP/1.1 and HTTP/2, on real sockets.</summary>
public class ConnectUdpTests
{
    private const string Protocol = "connect-udp";

    public static TheoryData<TestWay> Ways => TunnelTransferTests.Ways;

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Datagrams_of_every_size_come_back_whole_and_in_order(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var echo = new UdpEcho();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        await client.OpenAsync(Protocol, echo.Port);
        foreach (var size in new[] { 1, 0, 1200, 1452, 9000, 65_507, 2 })
        {
            var payload = TunnelTransferTests.Random(size).Bytes;
            await client.SendDatagramAsync(payload);
            Assert.Equal(payload, await client.ReadDatagramAsync());
        }

        await client.Stream.EndAsync();
        Assert.Null(await client.ReadCapsuleAsync());
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task The_answer_has_the_fields_of_its_rfcs_and_none_of_a_body(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var echo = new UdpEcho();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        var answer = await client.OpenAsync(Protocol, echo.Port);
        TemplatedAnswer.IsAcceptance(answer, way, Protocol);
        var request = Assert.Single(proxy.UdpEgress.Seen);
        Assert.Equal(("target.test", echo.Port), (request.Target.Host, request.Target.Port));
        Assert.Empty(proxy.Egress.Seen);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Datagrams_sent_before_the_answer_are_not_lost(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var echo = new UdpEcho();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        var verdict = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Redeemer.Waits = verdict.Task.WaitAsync;
        await client.SendRequestAsync(Protocol, TemplatedClient.Path(Protocol, "target.test", echo.Port));
        await client.SendDatagramAsync("early"u8);
        verdict.SetResult();
        TemplatedAnswer.IsAcceptance(await client.ReadAnswerAsync(), way, Protocol);
        Assert.Equal("early"u8.ToArray(), await client.ReadDatagramAsync());
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task What_the_capsule_protocol_does_not_allow_breaks_the_tunnel(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var echo = new UdpEcho();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        await client.OpenAsync(Protocol, echo.Port);
        await client.SendCapsuleAsync(CapsuleType.Datagram, Array.Empty<byte>());
        await Assert.ThrowsAnyAsync<IOException>(client.ReadCapsuleAsync);
        if (client.Stream is Http2TestClient http2) Assert.Equal(1u, http2.ResetCode);
        if (client.Stream is Http3TestClient http3) Assert.Equal(0x10e, http3.ResetCode);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Unknown_capsules_and_contexts_are_skipped(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var echo = new UdpEcho();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        await client.OpenAsync(Protocol, echo.Port);
        await client.SendCapsuleAsync(0x17, new byte[100_000]);
        // A context of the client's, one of the proxy's that nobody made, then context 0.
        await client.SendCapsuleAsync(CapsuleType.Datagram, new byte[] { 2, 1, 2, 3 });
        await client.SendCapsuleAsync(CapsuleType.Datagram, new byte[] { 3, 1, 2, 3 });
        await client.SendDatagramAsync("known"u8);
        Assert.Equal("known"u8.ToArray(), await client.ReadDatagramAsync());
    }

    [Theory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http2)]
    public async Task A_client_that_ends_and_reads_nothing_does_not_keep_its_tunnel(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        target.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var client = new TemplatedClient(way == TestWay.Http1
            ? await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false)
            : await Http2TestClient.OpenAsync(proxy.EndPoint, tls: false, opensWindows: false));
        await client.OpenAsync(Protocol, ((IPEndPoint)target.LocalEndPoint!).Port);
        await client.SendDatagramAsync("hello"u8);
        var source = (await target.ReceiveFromAsync(new byte[16], new IPEndPoint(IPAddress.Any, 0)).WaitAsync(TestTimes.Limit)).RemoteEndPoint;
        // More than all buffers of a connection together.
        for (var i = 0; i < 1000; i++) await target.SendToAsync(new byte[50_000], source);
        await client.Stream.EndAsync();
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_name_that_does_not_resolve_is_said_before_there_is_a_tunnel(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.UdpEgress.Error = ProxyStatusError.DnsError;
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        var answer = await client.RequestAsync(Protocol, TemplatedClient.Path(Protocol, "absent.test", 443));
        Assert.Equal((502, "privacy-proxy; error=dns_error"), (answer.Status, answer["proxy-status"]));
        Assert.Null(answer["capsule-protocol"]);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task One_udp_tunnel_over_their_limit_is_refused_while_others_still_open(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, static options => options.MaxUdpTunnels = 1);
        using var echo = new UdpEcho();
        using var origin = new TestOrigin();
        await using var first = await TemplatedClient.ConnectAsync(proxy, way);
        await first.OpenAsync(Protocol, echo.Port);

        await using var second = await TemplatedClient.ConnectAsync(proxy, way);
        var answer = await second.RequestAsync(Protocol, TemplatedClient.Path(Protocol, "target.test", echo.Port));
        Assert.Equal((503, "privacy-proxy; error=connection_limit_reached"), (answer.Status, answer["proxy-status"]));
        Assert.Single(proxy.Redeemer.Seen);

        await using var tcp = await TemplatedClient.ConnectAsync(proxy, way);
        await tcp.OpenAsync("connect-tcp", origin.Port);
        await first.Stream.ResetAsync();
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 1);
        await using var third = await TemplatedClient.ConnectAsync(proxy, way);
        await third.OpenAsync(Protocol, echo.Port);
    }
}
