using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>What HTTP clients of .NET do not do by themselves: any upgrade, trailers of requests, interim answers. On both engines, to a real origin.</summary>
[Collection(PlainProxies.Name)]
public sealed class PlainMessageTests(PlainProxies proxies)
{
    public static TheoryData<string> Engines => PlainProxies.Engines;

    [Theory, MemberData(nameof(Engines))]
    public async Task A_connection_is_upgraded_to_whatever_both_ends_want(string engine)
    {
        foreach (var (url, upgrade) in new[] { (proxies[engine].Plain, "chat/1"), (proxies[engine].Tls, "chat/1, other"), (proxies[engine].Plain, "SPDY/3.1"), (proxies[engine].Plain, "websocket, chat/1") })
        {
            await using var origin = new PageOrigin();
            await using var probe = await HttpProbe.ConnectAsync(url, proxies[engine].CaFile);
            await probe.SendAsync(Request("POST", origin, "/upgrade", $"Connection: upgrade, X-Mine\r\nX-Mine: 1\r\nUpgrade: {upgrade}\r\n"));
            var head = await probe.ReadHeadAsync();
            Assert.Equal((101, upgrade.Split(',')[0]), (head.Status, Assert.Single(head["Upgrade"])));
            var asked = Assert.Single(origin.Requests);
            Assert.Equal(("POST", upgrade, "upgrade", false), (asked.Method, asked.Field("Upgrade"), asked.Field("Connection").ToLowerInvariant(), asked.Has("X-Mine")));
            foreach (var text in new[] { "ping", "and again" })
            {
                await probe.SendAsync(text);
                Assert.Equal(text, await probe.ReadAsync(text.Length));
            }
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Other_versions_of_HTTP_and_TLS_are_for_the_connection_and_asked_of_no_origin(string engine)
    {
        await using var origin = new PageOrigin();
        foreach (var upgrade in new[] { "h2c", "HTTP/2.0", "TLS/1.0", "h2c, HTTP/3.0" })
        {
            var answer = await PlainProxies.AskAsync(proxies[engine].Plain, Request("GET", origin, "/hello", $"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"));
            Assert.Equal((200, "hello"), (answer.Head.Status, answer.Body));
        }

        Assert.All(origin.Requests, static request => Assert.False(request.Has("Upgrade") || request.Has("HTTP2-Settings")));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task An_origin_that_switches_to_what_nobody_asked_for_is_not_heard(string engine)
    {
        await using var origin = new PageOrigin();
        foreach (var (path, fields) in new[] { ("/upgrade", ""), ("/upgrade-to-another", "Connection: Upgrade\r\nUpgrade: chat/1\r\n"), ("/upgrade-to-another", "Connection: Upgrade\r\nUpgrade: websocket\r\n") })
        {
            var answer = await PlainProxies.AskAsync(proxies[engine].Plain, Request("GET", origin, path, fields));
            Assert.Equal((path, 502, "http_upgrade_failed"), (path, answer.Head.Status, answer.Head.ProxyStatusError));
        }

        var connection = await Http2Probe.ConnectAsync(proxies[engine].Plain);
        await using var stream = await connection.RequestAsync(Fields("GET", origin, "/upgrade"), endStream: true);
        var head = await stream.ReadHeadAsync();
        Assert.Equal((502, "http_upgrade_failed"), (head.Status, head.ProxyStatusError));
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Trailers_of_a_request_come_behind_its_content_and_nothing_that_would_change_its_meaning(string engine)
    {
        await using var origin = new PageOrigin();
        await using var probe = await HttpProbe.ConnectAsync(proxies[engine].Plain);
        // What looks like the end of a message, and more than any buffer holds.
        foreach (var content in new[] { "hello", "0\r\n\r\n", new string('x', 300_000) + "0\r\n\r\n", "" })
        {
            var chunk = content.Length > 0 ? $"{content.Length:x}\r\n{content}\r\n" : "";
            await probe.SendAsync(Request("POST", origin, "/echo", "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n") + chunk
                + "0\r\nX-Sum: 12345\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nHost: other.example\r\nAuthorization: Basic eA==\r\nProxy-Authorization: Basic eA==\r\nX-Sum: 6\r\n\r\n");
            Assert.Equal(200, (await RawAnswer.ReadAsync(probe)).Head.Status);
            var asked = origin.Requests.Last();
            Assert.Equal((content, "X-Sum"), (asked.Content, asked.Field("Trailer")));
            Assert.Equal(["X-Sum: 12345", "X-Sum: 6"], asked.Trailers);
        }

        // Nothing of it is left over for the next, of this client or another.
        await probe.SendAsync(Request("POST", origin, "/echo", "Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n");
        Assert.Equal(200, (await RawAnswer.ReadAsync(probe)).Head.Status);
        Assert.Equal(("hello", 0), (origin.Requests.Last().Content, origin.Requests.Last().Trailers.Count));
        Assert.Equal(1, origin.Accepted);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task Trailers_of_a_request_over_HTTP2_arrive_too(string engine)
    {
        await using var origin = new PageOrigin();
        var connection = await Http2Probe.ConnectAsync(proxies[engine].Tls, proxies[engine].CaFile);
        await using var stream = await connection.RequestAsync([.. Fields("POST", origin, "/echo"), new("trailer", "x-sum")]);
        await stream.SendAsync("over HTTP/2");
        await stream.EndAsync(new("x-sum", "12345"), new("content-length", "3"), new("proxy-authorization", "x"));
        Assert.Equal(200, (await stream.ReadHeadAsync()).Status);
        var asked = Assert.Single(origin.Requests);
        Assert.Equal("over HTTP/2", asked.Content);
        Assert.Equal(["x-sum: 12345"], asked.Trailers);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_an_origin_says_before_its_answer_arrives_before_it(string engine)
    {
        await using var origin = new PageOrigin();
        foreach (var url in new[] { proxies[engine].Plain, proxies[engine].Tls })
        {
            await using var probe = await HttpProbe.ConnectAsync(url, proxies[engine].CaFile);
            // Twice on the same two connections.
            for (var i = 0; i < 2; i++)
            {
                await probe.SendAsync(Request("GET", origin, "/interims", ""));
                Assert.Equal(102, (await probe.ReadHeadAsync()).Status);
                var hints = await probe.ReadHeadAsync();
                Assert.Equal(103, hints.Status);
                Assert.Equal([KeyValuePair.Create("Link", "</a.css>"), KeyValuePair.Create("Link", "</b.css>")], hints.Fields);
                // 100 was not asked for.
                var answer = await RawAnswer.ReadAsync(probe);
                Assert.Equal((200, "after hints"), (answer.Head.Status, answer.Body));
            }
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_client_of_HTTP_1_0_hears_the_answer_alone_and_nobody_hears_hints_without_end(string engine)
    {
        await using var origin = new PageOrigin();
        await using var old = await HttpProbe.ConnectAsync(proxies[engine].Plain);
        await old.SendAsync(Request("GET", origin, "/interims", "").Replace("HTTP/1.1", "HTTP/1.0", StringComparison.Ordinal));
        Assert.Equal(200, (await old.ReadHeadAsync()).Status);

        await using var probe = await HttpProbe.ConnectAsync(proxies[engine].Plain);
        await probe.SendAsync(Request("GET", origin, "/many-interims", ""));
        var hints = 0;
        HttpHead head;
        while ((head = await probe.ReadHeadAsync()).Status == 103) hints++;
        Assert.Equal((200, 32), (head.Status, hints));
    }

    [Fact]
    public async Task Over_HTTP2_the_native_engine_passes_hints_on_and_Kestrel_which_cannot_answers_all_the_same()
    {
        await using var origin = new PageOrigin();
        foreach (var (engine, expected) in new[] { ("Native", new[] { 102, 103 }), ("Kestrel", Array.Empty<int>()) })
        {
            var connection = await Http2Probe.ConnectAsync(proxies[engine].Tls, proxies[engine].CaFile);
            await using var stream = await connection.RequestAsync(Fields("GET", origin, "/interims"), endStream: true);
            Assert.Equal(200, (await stream.ReadHeadAsync()).Status);
            Assert.Equal("after hints", await stream.ReadToEndAsync());
            Assert.Equal(expected, stream.Interims.Select(static head => head.Status));
            Assert.All(stream.Interims.Where(static head => head.Status == 103), static head => Assert.Equal(["</a.css>", "</b.css>"], head["link"]));
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_redirect_is_the_clients_to_follow_wherever_it_leads(string engine)
    {
        await using var origin = new PageOrigin();
        var answer = await PlainProxies.AskAsync(proxies[engine].Plain, Request("GET", origin, "/to-metadata", ""));
        Assert.Equal((302, "http://169.254.169.254/latest/meta-data/", "there"), (answer.Head.Status, answer.Head["Location"].Single(), answer.Body));
        Assert.Single(origin.Requests);
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task What_a_request_names_as_of_its_connection_goes_no_further_whatever_else_it_says_of_that(string engine)
    {
        await using var origin = new PageOrigin();
        await using var probe = await HttpProbe.ConnectAsync(proxies[engine].Plain);
        foreach (var (connection, isMine) in new[] { ("X-Mine", true), ("keep-alive, X-Mine", true), ("keep-alive", false), ("X-Other\r\nConnection: x-mine , keep-alive", true), ("X-Other", false), ("close, X-Mine", true) })
        {
            await probe.SendAsync(Request("GET", origin, "/hello", $"Connection: {connection}\r\nX-Mine: 1\r\nX-End: 2\r\n"));
            Assert.Equal(200, (await RawAnswer.ReadAsync(probe)).Head.Status);
            Assert.Equal((connection, !isMine, true), (connection, origin.Requests.Last().Has("X-Mine"), origin.Requests.Last().Has("X-End")));
        }
    }

    [Theory, MemberData(nameof(Engines))]
    public async Task A_field_that_frames_a_message_is_not_taken_away_as_one_of_the_connection(string engine)
    {
        await using var origin = new PageOrigin();
        foreach (var (framing, content) in new[] { ("Content-Length: 5\r\n", "hello"), ("Transfer-Encoding: chunked\r\n", "5;ext=\"a\"\r\nhello\r\n0\r\n\r\n") })
        {
            var answer = await PlainProxies.AskAsync(proxies[engine].Plain, Request("POST", origin, "/echo", $"Connection: Content-Length, Transfer-Encoding, Host\r\n{framing}") + content);
            Assert.Equal((200, "hello", origin.Authority), (answer.Head.Status, origin.Requests.Last().Content, origin.Requests.Last().Field("Host")));
        }
    }

    private static string Request(string method, PageOrigin origin, string path, string fields) =>
        $"{method} http://{origin.Authority}{path} HTTP/1.1\r\nHost: {origin.Authority}\r\n{PlainProxies.Credentials}{fields}\r\n";

    private static KeyValuePair<string, string>[] Fields(string method, PageOrigin origin, string path) =>
        [new(":method", method), new(":scheme", "http"), new(":authority", origin.Authority), new(":path", path), new("proxy-authorization", "Preshared " + PlainProxies.Key)];
}
