using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>Plain <c>http://</c> requests, on both engines.</summary>
[Collection(PlainProxies.Name)]
public sealed class PlainRequestTests(PlainProxies proxies)
{
    public static TheoryData<string> Engines => PlainProxies.Engines;

    [Theory, MemberData(nameof(Engines))]
    public async Task Without_credentials_there_is_a_407_with_a_challenge_and_no_origin_is_asked(string engine)
    {
        await using var origin = new PageOrigin();
        foreach (var credentials in new[] { "", "Proxy-Authorization: Preshared wrong\r\n", $"Authorization: Preshared {PlainProxies.Key}\r\n" })
        {
            var answer = await PlainProxies.AskAsync(proxies[engine].Plain, Get(origin, "/hello", credentials));
            Assert.Equal((407, "http_request_denied"), (answer.Head.Status, answer.Head.ProxyStatusError));
            Assert.NotEmpty(answer.Head["Proxy-Authenticate"]);
            ProductAssert.HasServerTiming(answer.Head);
            Assert.Contains("This is a privacy proxy", answer.Body, StringComparison.Ordinal);
        }

        Assert.Equal(0, origin.Accepted);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task The_origin_sees_what_is_for_it_and_nothing_of_the_proxy(string engine)
    {
        await using var origin = new PageOrigin();
        var answer = await PlainProxies.AskAsync(proxies[engine].Plain, Get(origin, "/nominated", PlainProxies.Credentials
            + "Authorization: Basic c2l0ZQ==\r\nsec-ch-geohash: xn76c-JP\r\nProxy-Connection: keep-alive\r\nProxy-Other: 1\r\nConnection: X-Mine\r\nX-Mine: 1\r\nX-Other: 2\r\n"));
        Assert.Equal(200, answer.Head.Status);
        ProductAssert.HasServerTiming(answer.Head);
        Assert.All(["X-Secret", "Proxy-Status", "Alt-Svc", "Via"], name => Assert.Empty(answer.Head[name]));
        var asked = Assert.Single(origin.Requests);
        Assert.Equal(("Basic c2l0ZQ==", "2", origin.Authority), (asked.Field("Authorization"), asked.Field("X-Other"), asked.Field("Host")));
        Assert.Equal(["Authorization", "Host", "X-Other"], asked.Fields.Select(static field => field.Key).Order(StringComparer.Ordinal));
        // From the place it asked for.
        Assert.Equal("127.0.0.2", asked.Peer);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_an_origin_sent_before_it_broke_off_arrives_however_slow_the_client_is(string engine)
    {
        // Some of these sizes just fill what lies between: the rest is unsent when the origin is gone.
        await Task.WhenAll(Enumerable.Range(1, 40).Select(async step =>
        {
            await using var origin = new PageOrigin();
            var proxy = proxies[engine];
            await using var probe = await HttpProbe.ConnectAsync(step % 2 == 0 ? proxy.Plain : proxy.Tls, proxy.CaFile, receiveBuffer: 4096);
            await probe.SendAsync(Get(origin, $"/early-close-after?{step * 24}", PlainProxies.Credentials));
            // Without it the test proves less; it does not fail.
            await Task.Delay(300);
            Assert.Equal(200, (await probe.ReadHeadAsync()).Status);
            Assert.Equal(step * 24 << 10, (await probe.ReadAsync(step * 24 << 10)).Length);
            await Assert.ThrowsAnyAsync<IOException>(() => probe.ReadAsync(1));
        }));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Connections_to_an_origin_are_kept_for_one_place_and_never_shared_between_two(string engine)
    {
        await using var origin = new PageOrigin();
        foreach (var place in new[] { "xn76c-JP", "u4pru-DK", "xn76c-JP", "u4pru-DK", "", "" })
            Assert.Equal(200, (await PlainProxies.AskAsync(proxies[engine].Plain, Get(origin, "/hello", PlainProxies.Credentials + (place.Length > 0 ? $"sec-ch-geohash: {place}\r\n" : "")))).Head.Status);
        Assert.Equal(["127.0.0.2", "127.0.0.3", "127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.1"], origin.Requests.Select(static request => request.Peer));
        Assert.Equal(3, origin.Accepted);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Credentials_of_a_connection_never_leave_it_to_the_next_client(string engine)
    {
        await using var origin = new PageOrigin();
        foreach (var scheme in new[] { "NTLM TlRM", "Negotiate abc", "Basic c2l0ZQ==", "Basic c2l0ZQ==" })
            await PlainProxies.AskAsync(proxies[engine].Plain, Get(origin, "/hello", PlainProxies.Credentials + $"Authorization: {scheme}\r\n"));
        Assert.Equal(3, origin.Accepted);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_websocket_goes_through_both_ways(string engine)
    {
        await using var origin = new PageOrigin();
        await using var probe = await HttpProbe.ConnectAsync(proxies[engine].Plain);
        await probe.SendAsync(Get(origin, "/upgrade", PlainProxies.Credentials + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"));
        var head = await probe.ReadHeadAsync();
        Assert.Equal((101, "websocket"), (head.Status, head["Upgrade"].Single()));
        await probe.SendAsync("ping");
        Assert.Equal("ping", await probe.ReadAsync(4));
        await probe.SendAsync("again");
        Assert.Equal("again", await probe.ReadAsync(5));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task An_origin_that_refuses_content_is_heard_before_any_of_it_is_sent(string engine)
    {
        await using var origin = new PageOrigin();
        await using var probe = await HttpProbe.ConnectAsync(proxies[engine].Plain);
        await probe.SendAsync($"POST http://{origin.Authority}/refuses-content HTTP/1.1\r\nHost: {origin.Authority}\r\n{PlainProxies.Credentials}Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n");
        // No 100 came before it: RawAnswer would pass over it, so the head itself is looked at.
        Assert.Equal(417, (await probe.ReadHeadAsync()).Status);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_length_is_passed_on_as_it_was_read_whatever_it_looked_like(string engine)
    {
        await using var origin = new PageOrigin();
        foreach (var length in new[] { "5", "+5", "05" })
        {
            var answer = await PlainProxies.AskAsync(proxies[engine].Plain, $"POST http://{origin.Authority}/echo HTTP/1.1\r\nHost: {origin.Authority}\r\n{PlainProxies.Credentials}Content-Length: {length}\r\n\r\nhello");
            if (answer.Head.Status == 200) Assert.Equal("5", origin.Requests.Last().Field("Content-Length"));
            else Assert.Equal(400, answer.Head.Status);
        }

        Assert.All(origin.Requests, static request => Assert.Equal("hello", request.Content));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task One_connection_carries_many_requests_to_many_origins(string engine)
    {
        await using var one = new PageOrigin();
        await using var other = new PageOrigin();
        await using var probe = await HttpProbe.ConnectAsync(proxies[engine].Plain);
        foreach (var (origin, path, body) in new[] { (one, "/hello", "hello"), (other, "/chunked", "hello world"), (one, "/404-empty", ""), (other, "/hello", "hello") })
        {
            await probe.SendAsync(Get(origin, path, PlainProxies.Credentials));
            Assert.Equal(body, (await RawAnswer.ReadAsync(probe)).Body);
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Over_HTTP2_the_scheme_http_asks_for_the_same_and_trailers_arrive(string engine)
    {
        await using var origin = new PageOrigin();
        foreach (var url in new[] { proxies[engine].Plain, proxies[engine].Tls })
        {
            var connection = await Http2Probe.ConnectAsync(url, proxies[engine].CaFile);
            await using var posted = await AskAsync(connection, "POST", "/echo", false);
            await posted.SendAsync("over HTTP/2");
            await posted.HalfCloseAsync();
            Assert.Equal(200, (await posted.ReadHeadAsync()).Status);
            Assert.Equal("POST /echo\nuser-agent: test\nover HTTP/2", await posted.ReadToEndAsync());
            var got = await AskAsync(connection, "GET", "/trailers", true);
            Assert.Equal(200, (await got.ReadHeadAsync()).Status);
            Assert.Equal("hello", await got.ReadToEndAsync());
            var denied = await connection.RequestAsync([new(":method", "GET"), new(":scheme", "http"), new(":authority", origin.Authority), new(":path", "/hello")], endStream: true);
            Assert.Equal(407, (await denied.ReadHeadAsync()).Status);
        }

        Task<Http2ProbeStream> AskAsync(Http2Probe connection, string method, string path, bool ends) => connection.RequestAsync(
            [new(":method", method), new(":scheme", "http"), new(":authority", origin.Authority), new(":path", path), new("proxy-authorization", "Preshared " + PlainProxies.Key), new("user-agent", "test")], ends);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_goes_wrong_on_the_way_is_named_as_for_tunnels(string engine)
    {
        await using var origin = new PageOrigin();
        var gone = FreePort.Next();
        foreach (var (url, status, error) in new[]
        {
            ($"http://127.0.0.1:{gone}/", 502, "connection_refused"),
            ("http://absent.invalid/", 502, "dns_error"),
            ("http://169.254.169.254/latest/meta-data/", 502, "destination_ip_prohibited"),
            ("http://[::ffff:169.254.169.254]/", 502, "destination_ip_prohibited"),
            ($"http://{origin.Authority}/no-http", 502, "http_protocol_error"),
            ($"http://{origin.Authority}/nothing", 502, "connection_terminated"),
            ($"http://{origin.Authority}/407", 502, "http_protocol_error"),
        })
        {
            var answer = await PlainProxies.AskAsync(proxies[engine].Plain, $"GET {url} HTTP/1.1\r\nHost: {new Uri(url).Authority}\r\n{PlainProxies.Credentials}\r\n");
            Assert.Equal((url, status, error), (url, answer.Head.Status, answer.Head.ProxyStatusError));
            Assert.Empty(answer.Head["Proxy-Authenticate"]);
            ProductAssert.HasServerTiming(answer.Head);
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Ports_and_addresses_are_those_that_tunnels_may_go_to(string engine)
    {
        await using var names = new DnsServer();
        await using var proxy = await PlainProxies.StartAsync(engine, ("Egress__AllowPrivate", "false"), ("Egress__AllowedPorts", "80"), ("Egress__Resolver__Servers", names.Address));
        foreach (var (url, status, error) in new[]
        {
            ("http://127.0.0.1/", 502, "destination_ip_prohibited"), ("http://localhost/", 502, "destination_ip_prohibited"),
            // A name that leads inside, and one that would lead to the proxy.
            ("http://a-10-0-0-1.example/", 502, "destination_ip_prohibited"), ("http://a-127-0-0-1.example/", 502, "destination_ip_prohibited"),
            ("http://example.com:22/", 403, "http_request_denied"),
        })
        {
            var answer = await PlainProxies.AskAsync(proxy.Plain, $"GET {url} HTTP/1.1\r\nHost: {new Uri(url).Authority}\r\n{PlainProxies.Credentials}\r\n");
            Assert.Equal((url, status, error), (url, answer.Head.Status, answer.Head.ProxyStatusError));
        }

        ProductAssert.LogIsClean(proxy, "example", "127.0.0.1/", PlainProxies.Key);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task They_are_counted_as_tunnels_are_and_named_nowhere(string engine)
    {
        await using var origin = new PageOrigin();
        await using var proxy = await PlainProxies.StartAsync(engine);
        Assert.Equal(200, (await PlainProxies.AskAsync(proxy.Plain, Get(origin, "/hello", PlainProxies.Credentials))).Head.Status);
        Assert.Equal(404, (await PlainProxies.AskAsync(proxy.Plain, Get(origin, "/404", PlainProxies.Credentials))).Head.Status);
        Assert.Equal(407, (await PlainProxies.AskAsync(proxy.Plain, Get(origin, "/hello", ""))).Head.Status);
        using var client = new HttpClient();
        var metrics = "";
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        // The last bytes are read before they are counted.
        while (!metrics.Contains("privacy_proxy_tunnels_active{protocol=\"http1\",kind=\"http\"} 0", StringComparison.Ordinal)) metrics = await client.GetStringAsync(new Uri(proxy.Management, "/metrics"), deadline.Token);
        Assert.All(
            [
                "privacy_proxy_requests_total 3\n", "privacy_proxy_requests_by_status{status=\"200\"} 1\n", "privacy_proxy_requests_by_status{status=\"404\"} 1\n", "privacy_proxy_requests_by_status{status=\"407\"} 1\n",
                "privacy_proxy_connections_total 2\n", "privacy_proxy_connect_latency_seconds_count 1\n", "privacy_proxy_first_byte_latency_seconds_count 2\n",
            ],
            line => Assert.Contains(line, metrics, StringComparison.Ordinal));
        Assert.DoesNotContain(origin.Authority, metrics, StringComparison.Ordinal);
        ProductAssert.LogIsClean(proxy, origin.Authority, "/hello", PlainProxies.Key);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Switched_off_they_get_405_and_what_is_for_the_proxy_itself_is_never_forwarded(string engine)
    {
        await using var origin = new PageOrigin();
        await using var proxy = await PlainProxies.StartAsync(engine, ("Forwarding__Enabled", "false"));
        var off = await PlainProxies.AskAsync(proxy.Plain, Get(origin, "/hello", PlainProxies.Credentials));
        Assert.Equal((405, "CONNECT"), (off.Head.Status, off.Head["Allow"].Single()));
        var own = await PlainProxies.AskAsync(proxies[engine].Plain, $"GET {proxies[engine].Plain}missing HTTP/1.1\r\nHost: {proxies[engine].Plain.Authority}\r\n{PlainProxies.Credentials}\r\n");
        Assert.Equal(405, own.Head.Status);
        var secure = await PlainProxies.AskAsync(proxies[engine].Plain, $"GET https://{origin.Authority}/hello HTTP/1.1\r\nHost: {origin.Authority}\r\n{PlainProxies.Credentials}\r\n");
        Assert.Equal(405, secure.Head.Status);
        Assert.Equal(0, origin.Accepted);
    }

    private static string Get(PageOrigin origin, string path, string fields) => $"GET http://{origin.Authority}{path} HTTP/1.1\r\nHost: {origin.Authority}\r\n{fields}\r\n";
}
