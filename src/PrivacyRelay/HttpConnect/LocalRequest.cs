using PrivacyRelay.Http;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.HttpConnect;

/// <summary>A request of a local HTTP client: CONNECT, or one in absolute-form for a plain http origin (RFC 9112, section 3.2).</summary>
internal sealed class LocalRequest
{
    private LocalRequest(HttpHead head, string method, bool isHttp10)
    {
        Head = head;
        Method = method;
        IsHttp10 = isHttp10;
    }

    public HttpHead Head { get; }

    public string Method { get; }

    /// <summary>A client of HTTP/1.0 must not be answered with chunks.</summary>
    public bool IsHttp10 { get; }

    /// <summary>Where the tunnel goes.</summary>
    public Destination? Destination { get; private init; }

    /// <summary>The path and query for the origin; null for CONNECT.</summary>
    public string? OriginForm { get; private init; }

    /// <summary>The Host field for the origin: the authority as the client wrote it; null for CONNECT.</summary>
    public string? Host { get; private init; }

    /// <summary>Reads a head; otherwise the status and the sentence that refuse it.</summary>
    public static LocalRequest? Read(ReadOnlySpan<byte> bytes, out ErrorAnswer? error)
    {
        error = null;
        if (HttpHead.Parse(bytes) is not { } head) return Fail(400, "The request is not well-formed HTTP/1.1.", out error);
        var parts = head.StartLine.Split(' ');
        if (parts.Length != 3 || !parts[0].AsSpan().ContainsOnlyTokenCharacters() || parts[1].Length == 0)
            return Fail(400, "The request line is not 'METHOD target HTTP/1.1'.", out error);
        if (parts[2] is not ("HTTP/1.1" or "HTTP/1.0")) return Fail(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.", out error);
        var isHttp10 = parts[2] == "HTTP/1.0";
        return parts[0] == "CONNECT" ? ReadConnect(head, parts[1], isHttp10, out error) : ReadAbsoluteForm(head, parts[0], parts[1], isHttp10, out error);
    }

    private static LocalRequest? ReadConnect(HttpHead head, string target, bool isHttp10, out ErrorAnswer? error)
    {
        error = null;
        return Destination.Parse(target) is { } destination
            ? new LocalRequest(head, "CONNECT", isHttp10) { Destination = destination }
            : Fail(400, "CONNECT needs host:port with a port of 1 to 65535.", out error);
    }

    private static LocalRequest? ReadAbsoluteForm(HttpHead head, string method, string target, bool isHttp10, out ErrorAnswer? error)
    {
        error = null;
        const string Scheme = "http://";
        if (!target.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return Fail(400, "This is a proxy: it takes CONNECT host:port and absolute http:// targets.", out error);
        var rest = target[Scheme.Length..];
        var end = rest.AsSpan().IndexOfAny("/?#");
        var authority = end < 0 ? rest : rest[..end];
        var path = end < 0 ? "/" : rest[end..];
        if (path.Contains('#', StringComparison.Ordinal) || Destination.Parse(authority, defaultPort: 80) is not { } destination)
            return Fail(400, "The target is not http://host[:port]/path.", out error);
        return new LocalRequest(head, method, isHttp10)
        {
            Destination = destination,
            Host = authority,
            OriginForm = path[0] == '?' ? "/" + path : path,
        };
    }

    private static LocalRequest? Fail(int status, string text, out ErrorAnswer? error)
    {
        error = new ErrorAnswer(status, text);
        return null;
    }
}
