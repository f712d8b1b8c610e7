using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>Plain requests that two readers could understand differently: refused, the connection closed, and what follows never read as a request.</summary>
public sealed class SmugglingTests(PlainProxies proxies) : IClassFixture<PlainProxies>
{
    private const string Other = "other.example";

    /// <summary>What a request line is followed by; {0} is the origin.</summary>
    private static readonly (string Name, string Head, string Content)[] _tries =
    [
        ("two lengths", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: 5\r\nContent-Length: 50\r\n", "hello"),
        ("two lengths in one field", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: 5, 6\r\n", "hello"),
        ("length and coding", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("coding and length", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
        ("negative length", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: -5\r\n", "hello"),
        ("hexadecimal length", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: 0x5\r\n", "hello"),
        ("two codings", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
        ("unknown coding", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        ("coding twice", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
        ("coding on HTTP/1.0", "POST {0} HTTP/1.0\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("folded field", "GET {0} HTTP/1.1\r\nHost: {1}\r\nX-Folded: a\r\n b\r\n", ""),
        ("folded coding", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
        ("bare LF after a field", "GET {0} HTTP/1.1\r\nHost: {1}\r\nX-Line: a\nX-Other: b\r\n", ""),
        ("bare LF after the request line", "GET {0} HTTP/1.1\nHost: {1}\r\n", ""),
        ("bare CR in a field", "GET {0} HTTP/1.1\r\nHost: {1}\r\nX-Line: a\rb\r\n", ""),
        ("space before the colon", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("zero byte in a field", "GET {0} HTTP/1.1\r\nHost: {1}\r\nX-Zero: a\0b\r\n", ""),
        ("another Host", "GET {0} HTTP/1.1\r\nHost: " + Other + "\r\n", ""),
        ("two Hosts", "GET {0} HTTP/1.1\r\nHost: {1}\r\nHost: " + Other + "\r\n", ""),
        ("no Host", "GET {0} HTTP/1.1\r\nX-Nothing: 1\r\n", ""),
        ("userinfo", "GET http://user@{1}/hello HTTP/1.1\r\nHost: {1}\r\n", ""),
        ("fragment", "GET {0}#part HTTP/1.1\r\nHost: {1}\r\n", ""),
        ("space in the target", "GET {0} x HTTP/1.1\r\nHost: {1}\r\n", ""),
        ("short IPv4", "GET http://127.1/hello HTTP/1.1\r\nHost: 127.1\r\n", ""),
        ("chunk size with a sign", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "+5\r\nhello\r\n0\r\n\r\n"),
        ("chunk without an end", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "5\r\nhelloX\r\n0\r\n\r\n"),
        ("bare LF after a chunk size", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"),
        ("bare LF in a chunk extension", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "5;x\nhello\r\n0\r\n\r\n"),
        ("chunk size too large for a number", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        ("TRACE", "TRACE {0} HTTP/1.1\r\nHost: {1}\r\n", ""),
    ];

    [Theory, MemberData(nameof(PlainProxies.Engines), MemberType = typeof(PlainProxies))]
    public async Task It_is_refused_and_what_follows_is_no_request(string engine)
    {
        // Together, each with an origin of its own: most of it is waiting for the end of connections.
        var failures = (await Task.WhenAll(_tries.Select(async each => (each.Name, Fault: await FaultAsync(engine, each.Head, each.Content))))).Where(static each => each.Fault is not null).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    /// <summary>What is wrong with what became of it; null when nothing is.</summary>
    private async Task<string?> FaultAsync(string engine, string head, string content)
    {
        await using var origin = new PageOrigin();
        await using var probe = await HttpProbe.ConnectAsync(proxies[engine].Plain);
        var smuggled = $"GET http://{origin.Authority}/smuggled HTTP/1.1\r\nHost: {origin.Authority}\r\n{PlainProxies.Credentials}\r\n";
        await probe.SendAsync(head.Replace("{0}", $"http://{origin.Authority}/hello", StringComparison.Ordinal).Replace("{1}", origin.Authority, StringComparison.Ordinal) + PlainProxies.Credentials + "\r\n" + content + smuggled);
        var answer = await probe.ReadHeadAsync();
        if (answer.Status is not (400 or 501 or 502)) return $"answered with {answer.Status}";
        if ((await probe.ReadToEndAsync()).Contains("HTTP/1.1 ", StringComparison.Ordinal)) return "a second answer came";
        if (origin.Requests.Any(static request => request.Target.Contains("smuggled", StringComparison.Ordinal))) return "the origin was asked for what was smuggled";
        // Broken content may have been begun; the origin is never given a whole request of it.
        return origin.Requests.Any(static request => request.Content.Length > 0) ? "the origin got content" : null;
    }
}
