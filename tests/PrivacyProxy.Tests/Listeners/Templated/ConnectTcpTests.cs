using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Masque;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Listeners.Templated;

/// <summary>connect-tcp (draft-ietf-httpbis-connect-tcp) over HTTP/1.1 and HTTP/2, on real sockets.</summary>
public class ConnectTcpTests
{
    private const string Protocol = "connect-tcp";
    private const int Large = 3_000_017;

    public static TheoryData<TestWay> Ways => TunnelTransferTests.Ways;

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Megabytes_pass_both_ways_at_once(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        TemplatedAnswer.IsAcceptance(await client.OpenAsync(Protocol, origin.Port), way, Protocol);
        using var server = await origin.AcceptAsync();

        var atOrigin = TunnelTransferTests.HashToEndAsync(buffer => server.ReceiveAsync(buffer, SocketFlags.None).AsTask());
        var down = TunnelTransferTests.SendAsync(server, Large);
        var atClient = client.ReadDataToEndAsync();
        var (bytes, hash) = TunnelTransferTests.Random(Large);
        await client.SendDataAsync(bytes);
        await client.EndDataAsync();
        Assert.Equal(hash, await atOrigin);
        Assert.Equal(await down, Convert.ToHexString(SHA256.HashData(await atClient)));
        // Both have ended: so does the stream.
        Assert.Null(await client.ReadCapsuleAsync());
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task The_client_ends_first_and_still_gets_every_byte(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        await client.OpenAsync(Protocol, origin.Port);
        using var server = await origin.AcceptAsync();
        // The last bytes in the FIN's own capsule.
        await client.SendCapsuleAsync(CapsuleType.FinalData, "question"u8.ToArray());
        Assert.Equal("question", Encoding.ASCII.GetString(await TunnelTransferTests.ReadToEndAsync(server)));
        var sent = TunnelTransferTests.SendAsync(server, Large);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(await client.ReadDataToEndAsync())), await sent);
        Assert.Null(await client.ReadCapsuleAsync());
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task The_origin_ends_first_and_still_gets_every_byte(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        await client.OpenAsync(Protocol, origin.Port);
        using var server = await origin.AcceptAsync();
        server.Shutdown(SocketShutdown.Send);
        Assert.Empty(await client.ReadDataToEndAsync());
        var (bytes, hash) = TunnelTransferTests.Random(Large);
        var atOrigin = TunnelTransferTests.HashToEndAsync(buffer => server.ReceiveAsync(buffer, SocketFlags.None).AsTask());
        await client.SendDataAsync(bytes);
        await client.EndDataAsync();
        Assert.Equal(hash, await atOrigin);
        Assert.Null(await client.ReadCapsuleAsync());
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_reset_by_the_origin_breaks_the_clients_stream(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        await client.OpenAsync(Protocol, origin.Port);
        using var server = await origin.AcceptAsync();
        server.Close(0);
        await Assert.ThrowsAnyAsync<IOException>(client.ReadCapsuleAsync);
        if (client.Stream is Http2TestClient http2) Assert.Equal(0xau, http2.ResetCode);
        if (client.Stream is Http3TestClient http3) Assert.Equal(0x10f, http3.ResetCode);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_stream_that_ends_without_final_data_resets_the_origin(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        await client.OpenAsync(Protocol, origin.Port);
        using var server = await origin.AcceptAsync();
        await client.SendDataAsync("half"u8.ToArray());
        await client.Stream.EndAsync();
        await IsResetAsync(server);
        // On HTTP/1.1 the connection is cut too; whether that shows as a RST after the client's own FIN is the kernel's affair. No FINAL_DATA comes.
        await Assert.ThrowsAnyAsync<IOException>(client.ReadDataToEndAsync);
        if (client.Stream is Http2TestClient http2) Assert.Equal(1u, http2.ResetCode);
        if (client.Stream is Http3TestClient http3) Assert.Equal(0x10e, http3.ResetCode);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_client_that_resets_its_stream_resets_the_origin(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        await client.OpenAsync(Protocol, origin.Port);
        using var server = await origin.AcceptAsync();
        await client.Stream.ResetAsync();
        await IsResetAsync(server);
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Data_sent_before_the_answer_reaches_the_origin(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        var dial = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Egress.Waits = dial.Task.WaitAsync;
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        await client.SendRequestAsync(Protocol, TemplatedClient.Path(Protocol, "target.test", origin.Port));
        await client.SendDataAsync("early "u8.ToArray());
        await client.SendCapsuleAsync(CapsuleType.FinalData, "end"u8.ToArray());
        dial.SetResult();
        TemplatedAnswer.IsAcceptance(await client.ReadAnswerAsync(), way, Protocol);
        using var server = await origin.AcceptAsync();
        Assert.Equal("early end", Encoding.ASCII.GetString(await TunnelTransferTests.ReadToEndAsync(server)));
    }

    [Theory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http1Tls)]
    [InlineData(TestWay.Http1NativeTls)]
    public async Task A_client_that_expects_to_be_told_to_continue_is_told_before_the_destination_has_answered(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        var dial = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        proxy.Egress.Waits = dial.Task.WaitAsync;
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        var interim = await client.RequestAsync(Protocol, TemplatedClient.Path(Protocol, "target.test", origin.Port), ("Expect", "100-continue"));
        Assert.Equal(100, interim.Status);
        Assert.Empty(interim.Fields);
        dial.SetResult();
        TemplatedAnswer.IsAcceptance(await client.ReadAnswerAsync(), way, Protocol);
        using var server = await origin.AcceptAsync();
        await client.SendCapsuleAsync(CapsuleType.FinalData, "data"u8.ToArray());
        Assert.Equal("data", Encoding.ASCII.GetString(await TunnelTransferTests.ReadToEndAsync(server)));
    }

    [Fact]
    public async Task After_it_was_told_to_continue_a_refusal_ends_the_connection()
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        proxy.Egress.Error = ProxyStatusError.ConnectionRefused;
        await using var client = await TemplatedClient.ConnectAsync(proxy, TestWay.Http1);
        Assert.Equal(100, (await client.RequestAsync(Protocol, TemplatedClient.Path(Protocol, "target.test", 443), ("Expect", "100-continue"))).Status);
        var answer = await client.ReadAnswerAsync();
        Assert.Equal((502, "close"), (answer.Status, answer["connection"]));
        Assert.Null(await client.ReadCapsuleAsync());
    }

    [Fact]
    public async Task Whom_the_redeemer_refuses_is_not_told_to_continue()
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        await using var client = await TestClient.ConnectAsync(proxy, TestWay.Http1);
        await client.SendTemplatedAsync(Protocol, TemplatedClient.Path(Protocol, "target.test", 443), ("Expect", "100-continue"));
        Assert.Equal(401, (await client.ReadAnswerAsync()).Status);
    }

    [Fact]
    public async Task On_http2_an_expectation_is_answered_by_the_tunnel_itself()
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        using var origin = new TestOrigin();
        await using var client = await TemplatedClient.ConnectAsync(proxy, TestWay.Http2);
        var answer = await client.RequestAsync(Protocol, TemplatedClient.Path(Protocol, "target.test", origin.Port), ("expect", "100-continue"));
        TemplatedAnswer.IsAcceptance(answer, TestWay.Http2, Protocol);
    }

    private static async Task IsResetAsync(Socket server)
    {
        var end = await Assert.ThrowsAsync<SocketException>(() => TunnelTransferTests.ReadToEndAsync(server));
        Assert.Equal(SocketError.ConnectionReset, end.SocketErrorCode);
    }
}
