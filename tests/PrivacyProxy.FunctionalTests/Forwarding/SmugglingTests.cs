using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>Plain requests that two readers could understand differently: refused, the connection closed, and what follows never read as a request.</summary>
[Collection(PlainProxies.Name)]
public sealed class SmugglingTests(PlainProxies proxies)
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
        ("chunk size of hexadecimal with a prefix", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n"),
        ("chunk size that is negative", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n"),
        ("chunk without a size", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "\r\nhello\r\n0\r\n\r\n"),
        ("chunk size that overflows to 5", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "100000005\r\nhello\r\n0\r\n\r\n"),
        ("chunk size that is as large as a number can be", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "7fffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        ("chunk size with a space in it", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "5 5\r\nhello\r\n0\r\n\r\n"),
        ("bare CR after a chunk size", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "5\rhello\r\n0\r\n\r\n"),
        ("bare CR in a chunk extension", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
        ("bare LF after a chunk", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\n0\r\n\r\n"),
        ("bare LF in trailers", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "0\r\nX-Line: a\nX-Other: b\r\n\r\n"),
        ("zero byte in a trailer", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "0\r\nX-Zero: a\0b\r\n\r\n"),
        ("folded trailer", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked\r\n", "0\r\nX-Folded: a\r\n b\r\n\r\n"),
        ("chunked twice", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
        ("chunked with a parameter", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"),
        ("chunked in quotes", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
        ("chunked behind a vertical tab", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: \vchunked\r\n", "0\r\n\r\n"),
        ("chunked behind a letter that looks like k", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding: chun\u00e2\u0084\u00aaed\r\n", "0\r\n\r\n"),
        ("an empty coding", "POST {0} HTTP/1.1\r\nHost: {1}\r\nTransfer-Encoding:\r\n", "0\r\n\r\n"),
        ("length on HTTP/1.0 beside a coding", "POST {0} HTTP/1.0\r\nHost: {1}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        ("empty length", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length:\r\n", "hello"),
        ("length of two numbers", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: 5 5\r\n", "hello"),
        ("length too large for a number", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: 18446744073709551621\r\n", "hello"),
        ("length with a decimal point", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: 5.0\r\n", "hello"),
        ("length behind a zero byte", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length: \05\r\n", "hello"),
        ("zero byte in a name", "GET {0} HTTP/1.1\r\nHost: {1}\r\nX-\0Zero: a\r\n", ""),
        ("zero byte in the target", "GET {0}\0 HTTP/1.1\r\nHost: {1}\r\n", ""),
        ("tab before the colon", "POST {0} HTTP/1.1\r\nHost: {1}\r\nContent-Length\t: 5\r\n", "hello"),
        ("field without a name", "GET {0} HTTP/1.1\r\nHost: {1}\r\n: a\r\n", ""),
        ("field without a colon", "GET {0} HTTP/1.1\r\nHost: {1}\r\nX-Nothing\r\n", ""),
        ("fold before any field", "GET {0} HTTP/1.1\r\n Host: {1}\r\n", ""),
        ("folded by a tab", "GET {0} HTTP/1.1\r\nHost: {1}\r\nX-Folded: a\r\n\tb\r\n", ""),
        ("a version that is none", "GET {0} HTTP/1.2x\r\nHost: {1}\r\n", ""),
        ("no version", "GET {0}\r\nHost: {1}\r\n", ""),
        ("tab in the request line", "GET\t{0} HTTP/1.1\r\nHost: {1}\r\n", ""),
        ("Host with a path", "GET {0} HTTP/1.1\r\nHost: {1}/x\r\n", ""),
        ("Host with userinfo", "GET {0} HTTP/1.1\r\nHost: user@{1}\r\n", ""),
        ("empty Host", "GET {0} HTTP/1.1\r\nHost:\r\n", ""),
        ("no host in the target", "GET http:///hello HTTP/1.1\r\nHost: {1}\r\n", ""),
        ("backslash in the target's host", "GET http://{1}\\@" + Other + "/hello HTTP/1.1\r\nHost: {1}\r\n", ""),
        ("percent-encoded host", "GET http://%31%32%37.0.0.1/hello HTTP/1.1\r\nHost: %31%32%37.0.0.1\r\n", ""),
        ("port 0", "GET http://127.0.0.1:0/hello HTTP/1.1\r\nHost: 127.0.0.1:0\r\n", ""),
        ("port over 65535", "GET http://127.0.0.1:65616/hello HTTP/1.1\r\nHost: 127.0.0.1:65616\r\n", ""),
        ("zone of an IPv6 address", "GET http://[fe80::1%25lo]/hello HTTP/1.1\r\nHost: [fe80::1%25lo]\r\n", ""),
        ("hexadecimal IPv4", "GET http://0x7f000001/hello HTTP/1.1\r\nHost: 0x7f000001\r\n", ""),
        ("decimal IPv4", "GET http://2130706433/hello HTTP/1.1\r\nHost: 2130706433\r\n", ""),
        ("octal IPv4", "GET http://0177.0.0.1/hello HTTP/1.1\r\nHost: 0177.0.0.1\r\n", ""),
        ("TRACE", "TRACE {0} HTTP/1.1\r\nHost: {1}\r\n", ""),
    ];

    [Theory, MemberData(nameof(PlainProxies.Engines), MemberType = typeof(PlainProxies))]
    public async Task It_is_refused_and_what_follows_is_no_request(string engine)
    {
        // Together, each with an origin of its own: most of it is waiting for the end of connections.
        var failures = (await Task.WhenAll(_tries.Select(async each => (each.Name, Fault: await FaultAsync(engine, each.Head, each.Content))))).Where(static each => each.Fault is not null).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    /// <summary>Fields of a request over HTTP/2 that would be other requests over HTTP/1.1, or none; {1} is the origin.</summary>
    private static readonly (string Name, (string Name, string Value)[] Fields)[] _streamTries =
    [
        ("line break in a value", [("x-line", "a\r\nx-other: b")]),
        ("bare LF in a value", [("x-line", "a\nb")]),
        ("bare CR in a value", [("x-line", "a\rb")]),
        ("zero byte in a value", [("x-zero", "a\0b")]),
        ("line break in a name", [("x-line: a\r\nx-other", "b")]),
        ("colon in a name", [("x:line", "a")]),
        ("space in a name", [("x line", "a")]),
        ("capitals in a name", [("X-Line", "a")]),
        ("empty name", [("", "a")]),
        ("a coding", [("transfer-encoding", "chunked")]),
        ("a connection", [("connection", "close")]),
        ("a length of more than there is", [("content-length", "50")]),
        ("two lengths", [("content-length", "0"), ("content-length", "5")]),
        ("a length that is none", [("content-length", "0x0")]),
        ("another host", [("host", Other)]),
        ("line break in the path", [(":path", "/hello HTTP/1.1\r\nx-other: b")]),
        ("space in the path", [(":path", "/hello HTTP/1.1")]),
        ("path that is none", [(":path", "hello")]),
        ("empty path", [(":path", "")]),
        ("absolute path", [(":path", "http://" + Other + "/")]),
        ("userinfo", [(":authority", "user@{1}")]),
        ("line break in the authority", [(":authority", "{1}\r\nx-other: b")]),
        ("path in the authority", [(":authority", "{1}/x")]),
        ("line break in the method", [(":method", "GET / HTTP/1.1\r\nx-other: b")]),
        ("space in the method", [(":method", "GET http://" + Other + "/")]),
        ("two paths", [(":path", "/hello"), (":path", "/other")]),
        ("a pseudo-header field behind another", [("x-first", "a"), (":path", "/hello")]),
        ("an unknown pseudo-header field", [(":other", "a")]),
        ("TRACE", [(":method", "TRACE")]),
    ];

    [Theory, MemberData(nameof(PlainProxies.Engines), MemberType = typeof(PlainProxies))]
    public async Task Over_HTTP2_it_is_refused_and_no_origin_is_asked(string engine)
    {
        var failures = (await Task.WhenAll(_streamTries.Select(async each => (each.Name, Fault: await StreamFaultAsync(engine, each.Fields))))).Where(static each => each.Fault is not null).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private async Task<string?> StreamFaultAsync(string engine, (string Name, string Value)[] wrong)
    {
        await using var origin = new PageOrigin();
        var connection = await Http2Probe.ConnectAsync(proxies[engine].Plain);
        (string Name, string Value)[] right = [(":method", "GET"), (":scheme", "http"), (":authority", "{1}"), (":path", "/hello"), ("proxy-authorization", "Preshared " + PlainProxies.Key)];
        var fields = right.Where(field => wrong.All(other => other.Name != field.Name)).Concat(wrong)
            // Pseudo-header fields first, unless that is what is wrong.
            .OrderBy(field => wrong[0].Name != "x-first" && !field.Name.StartsWith(':')).Select(field => KeyValuePair.Create(field.Name, field.Value.Replace("{1}", origin.Authority, StringComparison.Ordinal)));
        await using var stream = await connection.RequestAsync(fields, endStream: true);
        try
        {
            var status = (await stream.ReadHeadAsync()).Status;
            // Kestrel takes the authority in place of the host: then both are the origin's.
            if (wrong[0].Name == "host" && status == 200) return origin.Requests.Single().Field("Host") == origin.Authority ? null : "the origin was shown another host";
            if (status is not (400 or 501 or 502)) return $"answered with {status}";
        }
        catch (IOException)
        {
            // Reset: malformed.
        }

        return origin.Requests.IsEmpty ? null : "the origin was asked";
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
