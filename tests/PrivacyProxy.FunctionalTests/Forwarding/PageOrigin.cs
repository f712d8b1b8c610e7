using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.FunctionalTests.Forwarding;

/// <summary>A web server that answers byte for byte what its path says, and keeps what it was asked.</summary>
internal sealed class PageOrigin : IAsyncDisposable
{
    private static readonly Dictionary<string, Func<PageRequest, string>> _pages = new(StringComparer.Ordinal)
    {
        ["/hello"] = static _ => Sized("hello"),
        ["/empty"] = static _ => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        ["/echo"] = static request => Sized(request.Echo),
        ["/chunked"] = static _ => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n",
        ["/trailers"] = static _ => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 12345\r\n\r\n",
        ["/close"] = static _ => "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end",
        ["/http10"] = static _ => "HTTP/1.0 200 OK\r\n\r\nfrom long ago",
        ["/gzip"] = static _ => Sized("\u001f\u008b not really", "Content-Encoding: gzip\r\n"),
        ["/range"] = static request => request.Field("Range") switch
        {
            "bytes=1-3" => Sized("ell", "Content-Range: bytes 1-3/5\r\n", "206 Partial Content"),
            "" => Sized("hello", "Accept-Ranges: bytes\r\n"),
            _ => Sized("", "Content-Range: bytes */5\r\n", "416 Range Not Satisfiable"),
        },
        ["/tagged"] = static request => request.Field("If-None-Match") == "\"a\"" || request.Field("If-Modified-Since").Length > 0
            ? "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n"
            : Sized("tagged", "ETag: \"a\"\r\n"),
        ["/204"] = static _ => "HTTP/1.1 204 No Content\r\n\r\n",
        ["/301"] = static _ => Sized("moved", "Location: http://elsewhere.example/\r\n", "301 Moved Permanently"),
        ["/302"] = static _ => Sized("", "Location: /hello\r\n", "302 Found"),
        ["/401"] = static _ => Sized("who", "WWW-Authenticate: Basic realm=\"site\"\r\n", "401 Unauthorized"),
        ["/404"] = static _ => Sized("not here", "", "404 Not Found"),
        ["/404-empty"] = static _ => Sized("", "", "404 Not Found"),
        ["/418"] = static _ => Sized("short and stout", "", "418 I'm a teapot"),
        ["/500"] = static _ => Sized("broken", "", "500 Internal Server Error"),
        ["/503"] = static _ => Sized("later", "Retry-After: 1\r\n", "503 Service Unavailable"),
        ["/cookies"] = static _ => Sized("cookies", "Set-Cookie: a=1\r\nSet-Cookie: b=2; Path=/\r\n"),
        ["/large"] = static _ => Sized(new string('x', 300_000)),
        ["/large-chunked"] = static _ => $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{string.Concat(Enumerable.Repeat($"1000\r\n{new string('y', 0x1000)}\r\n", 40))}0\r\n\r\n",
        ["/interim"] = static _ => "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + Sized("after a hint"),
        ["/interims"] = static _ => "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nLink: </b.css>\r\nConnection: X-Mine\r\nX-Mine: 1\r\nProxy-Status: origin\r\nContent-Length: 7\r\n\r\n"
            + "HTTP/1.1 100 Continue\r\n\r\n" + Sized("after hints"),
        ["/many-interims"] = static _ => string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n", 100)) + Sized("at last"),
        ["/to-metadata"] = static _ => Sized("there", "Location: http://169.254.169.254/latest/meta-data/\r\n", "302 Found"),
        ["/early-close"] = static _ => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nonly this",
        ["/early-close-chunked"] = static _ => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n20\r\nonly this",
        // As many kibibytes as it is asked for, of more than it sends.
        ["/early-close-after"] = static request => $"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\nConnection: close\r\n\r\n{new string('x', int.Parse(request.Target.Split('?')[1], CultureInfo.InvariantCulture) << 10)}",
        ["/407"] = static _ => Sized("give me", "Proxy-Authenticate: Basic realm=\"phish\"\r\n", "407 Proxy Authentication Required"),
        ["/nominated"] = static _ => Sized("x", "Connection: X-Secret\r\nX-Secret: 1\r\nProxy-Status: origin; error=dns_error\r\nAlt-Svc: h3=\":443\"\r\n"),
        ["/no-http"] = static _ => "this is no HTTP\r\n\r\n",
        ["/nothing"] = static _ => "",
    };

    private readonly TcpOrigin _origin;
    private readonly bool _waits;

    /// <param name="address">Where, on loopback.</param>
    /// <param name="waits">Reads content before it answers.</param>
    public PageOrigin(IPAddress? address = null, bool waits = true)
    {
        _waits = waits;
        _origin = new TcpOrigin(ServeAsync, address);
    }

    public ConcurrentQueue<PageRequest> Requests { get; } = [];

    public string Authority => _origin.Authority;

    public int Port => _origin.Port;

    public int Accepted => _origin.Accepted;

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    private static string Sized(string body, string fields = "", string status = "200 OK") => $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n{fields}Content-Length: {body.Length}\r\n\r\n{body}";

    private async Task ServeAsync(Socket socket, CancellationToken stop)
    {
        var reader = new PageReader(socket, stop);
        while (await reader.ReadHeadAsync() is { } request)
        {
            var path = request.Target.Split('?')[0];
            if (path is "/upgrade" or "/upgrade-to-another")
            {
                Requests.Enqueue(request);
                var protocol = path == "/upgrade" && request.Has("Upgrade") ? request.Field("Upgrade").Split(',')[0] : "another/1";
                await SendAsync(socket, $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\nSec-WebSocket-Accept: x\r\n\r\n", stop);
                while (await reader.ReadSomeAsync() is { Length: > 0 } bytes) await SendAsync(socket, bytes, stop);
                return;
            }

            if (path == "/refuses-content")
            {
                Requests.Enqueue(request);
                await SendAsync(socket, Sized("too much", "Connection: close\r\n", "417 Expectation Failed"), stop);
                return;
            }

            if (request.Field("Expect").Length > 0) await SendAsync(socket, "HTTP/1.1 100 Continue\r\n\r\n", stop);
            if (_waits) request = await reader.ReadContentAsync(request);
            Requests.Enqueue(request);
            var answer = _pages.TryGetValue(path, out var page) ? page(request) : Sized("no such page", "", "404 Not Found");
            if (request.Method == "HEAD") answer = answer[..(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)];
            await SendAsync(socket, answer, stop);
            if (answer.Contains("Connection: close", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.0", StringComparison.Ordinal) || !answer.StartsWith("HTTP/", StringComparison.Ordinal)) return;
        }
    }

    private static Task SendAsync(Socket socket, string text, CancellationToken stop) => TcpOrigin.SendAsync(socket, Encoding.Latin1.GetBytes(text), stop);
}

/// <summary>A request as the origin got it.</summary>
internal sealed record PageRequest(string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Fields, string Peer)
{
    // Of connections, or added by whoever else is asked.
    private static readonly string[] _unsaid = ["connection", "host", "cache-control", "keep-alive", "transfer-encoding", "content-length", "expect", "accept-encoding", "max-forwards"];

    public string Content { get; init; } = "";

    /// <summary>Lines behind the content.</summary>
    public IReadOnlyList<string> Trailers { get; init; } = [];

    /// <summary>What of it is end-to-end, in order of names.</summary>
    public string Echo => $"{Method} {Target}\n{string.Join('\n', Fields.Where(static each => !_unsaid.Contains(each.Key.ToLowerInvariant(), StringComparer.Ordinal)).GroupBy(static each => each.Key.ToLowerInvariant(), static each => each.Value, StringComparer.Ordinal).Select(static each => $"{each.Key}: {string.Join(", ", each)}").Order(StringComparer.Ordinal))}\n{Content}";

    public string Field(string name) => string.Join(", ", Fields.Where(field => string.Equals(field.Key, name, StringComparison.OrdinalIgnoreCase)).Select(static field => field.Value));

    public bool Has(string name) => Fields.Any(field => string.Equals(field.Key, name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Reads requests of one connection.</summary>
internal sealed class PageReader(Socket socket, CancellationToken stop)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private string _unread = "";

    public async Task<string> ReadSomeAsync()
    {
        var some = _unread;
        _unread = "";
        return some.Length > 0 ? some : Encoding.Latin1.GetString(_buffer, 0, await socket.ReceiveAsync(_buffer, stop));
    }

    public async Task<PageRequest?> ReadHeadAsync()
    {
        if (await ReadToAsync("\r\n\r\n") is not { } head) return null;
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var start = lines[0].Split(' ');
        return new PageRequest(start[0], start[1], [.. lines.Skip(1).Select(static line => line.Split(": ", 2)).Select(static pair => KeyValuePair.Create(pair[0], pair.ElementAtOrDefault(1) ?? ""))], ((IPEndPoint)socket.RemoteEndPoint!).Address.ToString());
    }

    public async Task<PageRequest> ReadContentAsync(PageRequest request)
    {
        var content = new StringBuilder();
        if (request.Field("Transfer-Encoding") == "chunked")
        {
            while (await ReadToAsync("\r\n") is { } line && int.Parse(line.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var size and > 0)
            {
                content.Append(await ReadAsync(size));
                await ReadAsync(2);
            }

            var trailers = new List<string>();
            while (await ReadToAsync("\r\n") is { Length: > 2 } line) trailers.Add(line.Trim());
            request = request with { Trailers = trailers };
        }
        else if (request.Field("Content-Length") is { Length: > 0 } length)
        {
            content.Append(await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture)));
        }

        return request with { Content = content.ToString() };
    }

    private async Task<string> ReadAsync(int count)
    {
        while (_unread.Length < count && await FillAsync())
        {
        }

        var taken = _unread[..Math.Min(count, _unread.Length)];
        _unread = _unread[taken.Length..];
        return taken;
    }

    private async Task<string?> ReadToAsync(string end)
    {
        int at;
        while ((at = _unread.IndexOf(end, StringComparison.Ordinal)) < 0)
            if (!await FillAsync()) return null;
        var taken = _unread[..(at + end.Length)];
        _unread = _unread[taken.Length..];
        return taken;
    }

    private async Task<bool> FillAsync()
    {
        var read = await socket.ReceiveAsync(_buffer, stop);
        _unread += Encoding.Latin1.GetString(_buffer, 0, read);
        return read > 0;
    }
}
