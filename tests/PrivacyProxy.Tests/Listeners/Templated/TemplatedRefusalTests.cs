using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Listeners.Templated;

/// <summary>Requests for templated tunnels that get none.</summary>
public class TemplatedRefusalTests
{
    private const string Udp = "connect-udp", Tcp = "connect-tcp";
    private const string UdpPath = "/.well-known/masque/udp/target.test/443/";

    /// <summary>What stands in the place of the host, which no client expands, or which names no destination.</summary>
    private static readonly string[] _badHosts =
    [
        "", ".", "%20", "%00", "%zz", "target%2", "%c3%bc.test", "user%40target.test", "user@target.test", "a,b.test", "a%2Fb.test",
        "2001:db8::1", "%5B2001%3Adb8%3A%3A1%5D", "[2001%3Adb8%3A%3A1]", "fe80%3A%3A1%25eth0", "2001%3Adb8%3A%3A%3A1",
        "127.1", "0x7f.0.0.1", "010.0.0.1", "2130706433", "256.1.1.1", "target..test", "target!.test",
        new string('b', 64) + ".test", string.Concat(Enumerable.Repeat("target.", 40)) + "test",
    ];

    private static readonly string[] _badPorts = ["", "0", "65536", "99999999999999999999", "-1", "+443", "0443", "443x", "https", "%20443", "%zz", "443%00"];

    public static TheoryData<string> BadTargets =>
    [
        .. _badHosts.Select(static host => host + "/443"),
        .. _badPorts.Select(static port => "target.test/" + port),
        "/",
    ];

    /// <summary>Heads of HTTP/1.1 requests, the status of each.</summary>
    public static TheoryData<string, int> BadHeads => new()
    {
        { $"GET {UdpPath} HTTP/1.1|Host: a", 426 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Upgrade: connect-udp", 426 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade", 426 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: websocket", 426 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp/1", 426 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-tcp", 426 },
        { $"GET {UdpPath} HTTP/1.0|Host: a|Connection: Upgrade|Upgrade: connect-udp", 400 },
        { $"POST {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp", 405 },
        { $"HEAD {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp", 405 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp|Content-Length: 0", 400 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp|Content-Length: 5", 400 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp|Content-Type: text/plain", 400 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp|Transfer-Encoding: chunked", 400 },
        { $"GET {UdpPath} HTTP/1.1|Connection: Upgrade|Upgrade: connect-udp", 400 },
        { $"GET {UdpPath} HTTP/1.1|Host: a|Host: b|Connection: Upgrade|Upgrade: connect-udp", 400 },
        { $"GET {UdpPath}?x=1 HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp", 200 },
        { $"GET {UdpPath}more HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp", 200 },
        { "GET /missing HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: connect-udp", 404 },
    };

    /// <summary>Pseudo-header fields of HTTP/2 requests, the status of each; 0 where the stream is malformed by itself (RFC 9113, section 8.1.1).</summary>
    public static TheoryData<string, int> BadPseudoFields => new()
    {
        { $":protocol connect-other|:scheme https|:path {UdpPath}|:authority a", 501 },
        { $":protocol connect-tcp|:scheme https|:path {UdpPath}|:authority a", 404 },
        { ":protocol connect-udp|:scheme https|:path /other|:authority a", 404 },
        { $":protocol connect-udp|:scheme https|:path {UdpPath}?x=1|:authority a", 404 },
        { ":protocol connect-udp|:scheme https|:path *|:authority a", 0 },
        { $":protocol connect-udp|:path {UdpPath}|:authority a", 0 },
        { ":protocol connect-udp|:scheme https|:authority a", 0 },
        { ":protocol connect-udp|:scheme https|:path |:authority a", 0 },
        { $":protocol connect-udp|:scheme https|:path {UdpPath}|:authority user@a", 0 },
        { $":protocol connect-udp|:scheme https|:path {UdpPath}|:authority a|content-length 0", 400 },
        { $":protocol connect-udp|:scheme https|:path {UdpPath}|:authority a|content-type text/plain", 400 },
        { $":protocol connect-udp|:scheme https|:path {UdpPath}|:authority a|transfer-encoding chunked", 0 },
    };

    [Theory]
    [MemberData(nameof(BadTargets))]
    public async Task A_destination_that_is_none_is_400_on_every_version_and_nobody_is_asked_about_it(string target)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        await using var native = await ProxyFixture.StartAsync(TestWay.Http2Native);
        foreach (var (protocol, way) in new[] { (Udp, TestWay.Http1), (Udp, TestWay.Http2), (Tcp, TestWay.Http1), (Tcp, TestWay.Http2), (Udp, TestWay.Http2Native), (Tcp, TestWay.Http2Native) })
        {
            await using var client = await TemplatedClient.ConnectAsync(way == TestWay.Http2Native ? native : proxy, way);
            var path = $"/.well-known/masque/{protocol["connect-".Length..]}/{target}/";
            try
            {
                Assert.Equal((way, 400), (way, (await client.RequestAsync(protocol, path)).Status));
            }
            catch (IOException) when (client.Stream is Http2TestClient http2)
            {
                // Kestrel's own refusal of a path that is none.
                Assert.Equal(1u, http2.ResetCode);
            }
        }

        Assert.Empty(proxy.Redeemer.Seen);
        Assert.Empty(proxy.Logs.Lines);
        Assert.Empty(native.Redeemer.Seen);
        Assert.Empty(native.Logs.Lines);
    }

    [Theory]
    [MemberData(nameof(BadHeads))]
    public async Task On_http1_a_head_that_asks_for_no_tunnel_gets_none(string head, int status)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await client.SendTextAsync(head.Replace("|", "\r\n") + "\r\n\r\n");
        var answer = await client.ReadAnswerAsync();
        Assert.Equal(status, answer.Status);
        if (status == 426) Assert.Equal(("connect-udp", "Upgrade, keep-alive"), (answer["upgrade"], answer["connection"]));
        if (status == 405) Assert.Equal("GET", answer["allow"]);
        Assert.Empty(proxy.Redeemer.Seen);
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory]
    [MemberData(nameof(BadPseudoFields))]
    public async Task On_http2_fields_that_ask_for_no_tunnel_get_none(string fields, int status)
    {
        foreach (var way in new[] { TestWay.Http2, TestWay.Http2Native }) await Http2FieldsGetNoneAsync(way, fields, status);
    }

    private static async Task Http2FieldsGetNoneAsync(TestWay way, string fields, int status)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        await using var client = await Http2TestClient.OpenAsync(proxy.EndPoint, tls: false);
        var pairs = fields.Split('|').Select(static field => field.Split(' ', 2)).Select(static pair => (Name: pair[0], Value: pair[1])).ToList();
        await client.SendRequestAsync(pairs.Single(static pair => pair.Name == ":authority").Value, [.. pairs.Where(static pair => pair.Name != ":authority")]);
        if (status == 0)
        {
            await Assert.ThrowsAnyAsync<IOException>(client.ReadAnswerAsync);
            Assert.Equal(1u, client.ResetCode);
        }
        else
        {
            var answer = await client.ReadAnswerAsync();
            Assert.Equal(status, answer.Status);
            Assert.StartsWith("privacy-proxy; error=http_request_error", answer["proxy-status"], StringComparison.Ordinal);
        }

        Assert.Empty(proxy.Redeemer.Seen);
        Assert.Empty(proxy.Logs.Lines);
    }

    [Theory]
    [InlineData("Upgrade: connect-udp", "Upgrade: connect-udp")]
    [InlineData("Upgrade: websocket, connect-udp")]
    [InlineData("Upgrade: Connect-UDP")]
    public async Task What_asks_for_a_tunnel_in_other_words_gets_one(params string[] upgrades)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        await using var client = await Http1TestClient.OpenAsync(proxy.EndPoint, tls: false);
        await client.SendTextAsync(
            $"GET https://proxy.test{UdpPath} HTTP/1.1\r\nHost: proxy.test\r\nConnection: keep-alive, upgrade\r\n{string.Join("\r\n", upgrades)}\r\nProxy-Authorization: {TestClient.GoodCredentials}\r\n\r\n");
        TemplatedAnswer.IsAcceptance(await client.ReadAnswerAsync(), TestWay.Http1, Udp);
    }

    [Theory]
    [InlineData("%74arget.test/%34%34%33")]
    [InlineData("TARGET.test./443")]
    public async Task Percent_encoding_that_was_not_needed_means_the_same(string target)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false);
        foreach (var way in new[] { TestWay.Http1, TestWay.Http2 })
        {
            await using var client = await TemplatedClient.ConnectAsync(proxy, way);
            TemplatedAnswer.IsAcceptance(await client.RequestAsync(Udp, $"/.well-known/masque/udp/{target}/"), way, Udp);
        }

        Assert.All(proxy.UdpEgress.Seen, static request => Assert.Equal(("target.test", 443), (request.Target.Host, request.Target.Port)));
    }

    [Fact]
    public async Task A_configured_template_is_served_beside_the_default_one()
    {
        await using var proxy = await ProxyFixture.StartAsync(tls: false, static options => options.UdpTemplate = "/masque{?target_host,target_port}");
        foreach (var path in new[] { UdpPath, "/masque?target_host=target.test&target_port=443" })
        {
            foreach (var way in new[] { TestWay.Http1, TestWay.Http2 })
            {
                await using var client = await TemplatedClient.ConnectAsync(proxy, way);
                TemplatedAnswer.IsAcceptance(await client.RequestAsync(Udp, path), way, Udp);
            }
        }
    }

    [Theory]
    [InlineData(TestWay.Http1)]
    [InlineData(TestWay.Http1Tls)]
    [InlineData(TestWay.Http1NativeTls)]
    public async Task On_http1_the_connection_serves_the_next_request_after_a_refusal(TestWay way)
    {
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var echo = new UdpEcho();
        proxy.UdpEgress.Error = ProxyStatusError.DestinationIpProhibited;
        await using var client = await TemplatedClient.ConnectAsync(proxy, way);
        var http1 = (Http1TestClient)client.Stream;
        foreach (var (path, status) in new[] { (UdpPath, 502), ("/.well-known/masque/udp/target.test/0/", 400) })
            Assert.Equal(status, (await client.RequestAsync(Udp, path)).Status);
        await http1.SendTextAsync($"GET {UdpPath} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(426, (await http1.ReadAnswerAsync()).Status);
        await client.Stream.SendTemplatedAsync(Udp, UdpPath);
        Assert.Equal(401, (await client.ReadAnswerAsync()).Status);

        proxy.UdpEgress.Error = ProxyStatusError.None;
        await client.OpenAsync(Udp, echo.Port);
        await client.SendDatagramAsync("at last"u8);
        Assert.Equal("at last"u8.ToArray(), await client.ReadDatagramAsync());
    }
}
