namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>The same requests through squid and through the proxy: the client gets the same status and content, the origin the same request.</summary>
[Collection(PlainProxies.Name)]
public sealed class SquidComparisonTests(PlainProxies proxies)
{
    /// <summary>Method, path, fields (lines) and content.</summary>
    private static readonly (string Method, string Path, string Fields, string Content)[] _requests =
    [
        ("GET", "/hello", "", ""), ("GET", "/empty", "", ""), ("HEAD", "/hello", "", ""), ("HEAD", "/404", "", ""),
        ("GET", "/echo?a=b&c=%20d", "", ""), ("GET", "/echo/%7Euser/../x/%2e%2E/./y?q=/../", "", ""), ("GET", "/echo?a[]=1&b={x}|y", "", ""),
        ("GET", "/echo", "Authorization: Basic c2l0ZTpzaXRl\r\nCookie: a=1; b=2\r\nAccept-Language: de\r\nX-Two: 1\r\nX-Two: 2\r\n", ""),
        ("GET", "/echo", "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n", ""), ("GET", "/echo", "Upgrade-Insecure-Requests: 1\r\nUser-Agent: A/1.0 (b)\r\nReferer: http://x/\r\n", ""),
        ("POST", "/echo", "Content-Length: 5\r\nContent-Type: text/plain\r\n", "hello"), ("POST", "/echo", "Content-Length: 0\r\n", ""),
        ("POST", "/echo", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"), ("POST", "/echo", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("PUT", "/echo", "Content-Length: 3\r\nIf-Match: \"a\"\r\n", "abc"), ("PATCH", "/echo", "Content-Length: 2\r\n", "{}"), ("DELETE", "/echo", "", ""), ("OPTIONS", "/echo", "Origin: http://a\r\n", ""),
        ("PROPFIND", "/echo", "Depth: 1\r\nContent-Length: 4\r\n", "<a/>"), ("REPORT", "/echo", "Content-Length: 1\r\n", "x"),
        ("GET", "/range", "", ""), ("GET", "/range", "Range: bytes=1-3\r\n", ""), ("GET", "/range", "Range: bytes=9-\r\n", ""),
        ("GET", "/tagged", "", ""), ("GET", "/tagged", "If-None-Match: \"a\"\r\n", ""), ("GET", "/tagged", "If-Modified-Since: Sat, 28 Nov 2026 10:00:00 GMT\r\n", ""),
        ("GET", "/chunked", "", ""), ("GET", "/trailers", "TE: trailers\r\n", ""), ("GET", "/close", "", ""), ("GET", "/http10", "", ""),
        ("GET", "/gzip", "Accept-Encoding: gzip\r\n", ""), ("GET", "/204", "", ""), ("GET", "/301", "", ""), ("GET", "/302", "", ""), ("GET", "/401", "", ""),
        ("GET", "/404", "", ""), ("GET", "/404-empty", "", ""), ("GET", "/418", "", ""), ("GET", "/500", "", ""), ("GET", "/503", "", ""),
        ("GET", "/cookies", "", ""), ("GET", "/large", "", ""), ("GET", "/large-chunked", "", ""), ("GET", "/interim", "", ""),
        ("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 5\r\n", "hello"),
        ("GET", "/early-close", "", ""), ("GET", "/early-close-chunked", "", ""),
    ];

    private static readonly string[] _compared = ["content-type", "etag", "location", "set-cookie", "content-range", "content-encoding", "accept-ranges", "www-authenticate", "retry-after"];

    [SkippableTheory, MemberData(nameof(PlainProxies.Engines), MemberType = typeof(PlainProxies))]
    public async Task Squid_and_the_proxy_give_the_same(string engine)
    {
        await using var squid = await SquidProcess.StartAsync();
        Assert.True(_requests.Length >= 40);
        // Together, each with an origin of its own: most of it is waiting.
        await Task.WhenAll(_requests.Select(async each => Assert.Equal(await DescribeAsync(squid.Url, "", each), await DescribeAsync(proxies[engine].Plain, PlainProxies.Credentials, each))));
    }

    private static async Task<string> DescribeAsync(Uri proxy, string credentials, (string Method, string Path, string Fields, string Content) sent)
    {
        await using var origin = new PageOrigin();
        var answer = await PlainProxies.AskAsync(proxy, $"{sent.Method} http://{origin.Authority}{sent.Path} HTTP/1.1\r\nHost: {origin.Authority}\r\n{credentials}{sent.Fields}\r\n{sent.Content}");
        var said = answer.Head.Fields.Where(static field => _compared.Contains(field.Key.ToLowerInvariant(), StringComparer.Ordinal)).Select(static field => $"{field.Key.ToLowerInvariant()}: {field.Value}").Order(StringComparer.Ordinal);
        var asked = Assert.Single(origin.Requests);
        return $"{sent.Method} {sent.Path} {sent.Fields}\n{string.Join(' ', answer.Interims.Select(static head => $"{head.Status} {string.Join(',', head["Link"])} "))}{answer.Head.Status}\n{string.Join('\n', said)}\n{answer.Body}\nasked: {asked.Echo}";
    }
}
