using System.Net.Sockets;
using System.Text;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>What a client that gets no tunnel is told, the same on every way.</summary>
public class TunnelRefusalTests
{
    public static TheoryData<TestWay> Ways => TunnelTransferTests.Ways;

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Without_credentials_the_answer_is_the_redeemers_challenge_and_nothing_is_dialled(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        await using var client = await TestClient.ConnectAsync(proxy, way);
        var answer = await client.RequestAsync("origin.test:443");
        Assert.Equal(407, answer.Status);
        Assert.Equal("PrivateToken challenge=\"abc=\"", answer["proxy-authenticate"]);
        Assert.Matches("^proxy;dur=[0-9.]+$", answer["server-timing"]);
        Assert.Equal(0, await client.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        Assert.Empty(proxy.Egress.Seen);
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_requests_by_status{status=407}"] == 1);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task What_a_refusal_says_to_people_arrives_whole_and_ends_there(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Redeemer.Text = "This proxy wants a token.\n"u8.ToArray();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        var answer = await client.RequestAsync("origin.test:443");
        Assert.Equal((407, "text/plain; charset=utf-8", "26"), (answer.Status, answer["content-type"], answer["content-length"]));
        var said = new byte[26];
        await client.ReadExactlyAsync(said);
        Assert.Equal(proxy.Redeemer.Text, said);
        Assert.Equal(0, await client.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task The_redeemer_and_the_egress_see_what_the_client_sent(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        var answer = await client.RequestAsync(
            $"ORIGIN.test:{origin.Port}", ("proxy-authorization", TestClient.GoodCredentials), ("authorization", "Other"), ("sec-ch-geohash", "xn76c-JP"));
        Assert.Equal(200, answer.Status);
        Assert.Matches("^proxy;dur=[0-9.]+$", answer["server-timing"]);
        Assert.Null(answer["transfer-encoding"]);
        Assert.Null(answer["content-length"]);
        Assert.Null(answer["alt-svc"]);
        var credentials = Assert.Single(proxy.Redeemer.Seen);
        Assert.Equal(TestClient.GoodCredentials, credentials.ProxyAuthorization);
        Assert.Equal("Other", credentials.Authorization);
        var request = Assert.Single(proxy.Egress.Seen);
        Assert.Equal("origin.test", request.Target.Host);
        Assert.Equal("xn76c-JP", request.Geohash);
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_requests_by_status{status=200}"] == 1);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task The_country_that_an_issuer_signed_goes_to_the_egress_with_the_hint(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Redeemer.Decide = static _ => RedemptionResult.Accepted;
        proxy.Redeemer.Country = "US";
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        var answer = await client.RequestAsync($"origin.test:{origin.Port}", ("sec-ch-geohash", "xn76c-JP"));
        Assert.Equal(200, answer.Status);
        Assert.Equal("US", Assert.Single(proxy.Egress.Seen).Country);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task An_egress_error_is_answered_with_its_status_and_error(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        proxy.Egress.Error = ProxyStatusError.ConnectionTimeout;
        await using var client = await TestClient.ConnectAsync(proxy, way);
        var answer = await client.RequestAsync("origin.test:443", ("proxy-authorization", TestClient.GoodCredentials));
        Assert.Equal(504, answer.Status);
        Assert.Equal("privacy-proxy; error=connection_timeout", answer["proxy-status"]);
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_proxy_status_total{error=connection_timeout}"] == 1);
        Assert.Equal(0, proxy.Registry.Count);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_failure_inside_the_proxy_is_answered_with_500_and_logged_without_the_destination(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        // Of a type that a broken client connection would throw as well.
        proxy.Egress.Throws = new IOException("secret.example");
        await using var client = await TestClient.ConnectAsync(proxy, way);
        var answer = await client.RequestAsync("secret.example:443", ("proxy-authorization", TestClient.GoodCredentials));
        Assert.Equal(500, answer.Status);
        Assert.Equal("privacy-proxy; error=proxy_internal_error", answer["proxy-status"]);
        Assert.DoesNotContain("secret.example", Assert.Single(proxy.Logs.Lines), StringComparison.Ordinal);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task A_target_that_means_nothing_is_answered_with_400_before_its_token_is_looked_at(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        foreach (var target in new[] { "origin.test", "origin.test:0", ":443", "user@origin.test:443", "127.1:443", "[fe80::1%25eth0]:443" })
        {
            await using var client = await TestClient.ConnectAsync(proxy, way);
            TestAnswer answer;
            try
            {
                answer = await client.RequestAsync(target, ("proxy-authorization", TestClient.GoodCredentials));
            }
            catch (IOException) when (client is Http2TestClient or Http3TestClient)
            {
                // Kestrel itself resets a stream whose :authority is not one.
                continue;
            }

            Assert.Equal(400, answer.Status);
            Assert.StartsWith("privacy-proxy; error=http_request_error", answer["proxy-status"], StringComparison.Ordinal);
        }

        Assert.Empty(proxy.Redeemer.Seen);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task One_tunnel_over_the_limit_is_refused_with_503_until_another_ends(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way, options => options.MaxTunnels = 1);
        using var origin = new TestOrigin();
        await using var first = await TestClient.ConnectAsync(proxy, way);
        await first.OpenAsync(origin.Authority);
        await using var second = await TestClient.ConnectAsync(proxy, way);
        var answer = await second.RequestAsync(origin.Authority, ("proxy-authorization", TestClient.GoodCredentials));
        Assert.Equal(503, answer.Status);
        Assert.Equal("privacy-proxy; error=connection_limit_reached", answer["proxy-status"]);
        Assert.Single(proxy.Redeemer.Seen);

        await first.ResetAsync();
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
        await using var third = await TestClient.ConnectAsync(proxy, way);
        await third.OpenAsync(origin.Authority);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Draining_refuses_new_tunnels_lets_open_ones_go_on_and_resets_them_at_last(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var open = await TestClient.ConnectAsync(proxy, way);
        await open.OpenAsync(origin.Authority);
        using var server = await origin.AcceptAsync();

        proxy.Registry.StartDraining();
        await using var late = await TestClient.ConnectAsync(proxy, way);
        var answer = await late.RequestAsync(origin.Authority, ("proxy-authorization", TestClient.GoodCredentials));
        Assert.Equal(503, answer.Status);
        await open.WriteAsync("still"u8.ToArray());
        Assert.Equal(5, await server.ReceiveAsync(new byte[8], SocketFlags.None).WaitAsync(TestTimes.Limit));

        Assert.Equal(1, await proxy.Registry.DrainAsync(TimeSpan.Zero, CancellationToken.None));
        await Assert.ThrowsAnyAsync<IOException>(() => open.ReadAsync(new byte[1]).WaitAsync(TestTimes.Limit));
        await TestTimes.UntilAsync(() => proxy.Registry.Count == 0);
    }

    [SkippableTheory, MemberData(nameof(Ways))]
    public async Task Data_sent_before_the_answer_reaches_the_origin(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var origin = new TestOrigin();
        await using var client = await TestClient.ConnectAsync(proxy, way);
        switch (client)
        {
            case Http1TestClient http1:
                await http1.SendTextAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: {origin.Authority}\r\nProxy-Authorization: {TestClient.GoodCredentials}\r\n\r\nearly");
                Assert.Equal(200, (await http1.ReadAnswerAsync()).Status);
                break;
            case Http2TestClient http2:
                await http2.SendRequestAsync(origin.Authority, ("proxy-authorization", TestClient.GoodCredentials));
                await http2.WriteAsync("early"u8.ToArray());
                Assert.Equal(200, (await http2.ReadAnswerAsync()).Status);
                break;
            case Http3TestClient http3:
                await http3.SendRequestAsync(origin.Authority, ("proxy-authorization", TestClient.GoodCredentials));
                await http3.WriteAsync("early"u8.ToArray());
                Assert.Equal(200, (await http3.ReadAnswerAsync()).Status);
                break;
        }

        using var server = await origin.AcceptAsync();
        await client.EndAsync();
        Assert.Equal("early", Encoding.ASCII.GetString(await TunnelTransferTests.ReadToEndAsync(server)));
    }

    [Fact]
    public async Task An_unknown_protocol_of_extended_connect_is_answered_with_501()
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        await using var client = await Http2TestClient.OpenAsync(proxy.EndPoint, tls: false);
        var answer = await client.RequestAsync("proxy.test", (":protocol", "other"), (":scheme", "http"), (":path", "/x"));
        Assert.Equal(501, answer.Status);
        Assert.StartsWith("privacy-proxy; error=http_request_error", answer["proxy-status"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_result_but_an_accepted_one_opens_a_tunnel()
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        using var origin = new TestOrigin();
        foreach (var result in Enum.GetValues<RedemptionResult>())
        {
            proxy.Redeemer.Decide = _ => result;
            await using var client = await TestClient.ConnectAsync(proxy, TestWay.Http1);
            var answer = await client.RequestAsync(origin.Authority);
            var expected = result switch
            {
                RedemptionResult.Accepted or RedemptionResult.PresharedAccepted => 200,
                // There is no certificate here: whoever says it was accepted is wrong.
                RedemptionResult.CertificateAccepted => 500,
                _ => 407,
            };
            Assert.Equal(expected, answer.Status);
        }
    }
}
