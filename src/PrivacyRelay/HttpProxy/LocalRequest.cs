using System.Globalization;
using System.Text;
using PrivacyRelay.Http;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.HttpProxy;

/// <summary>A request of a local HTTP client: CONNECT, or one in absolute-form for a plain http origin (RFC 9112, section 3.2).</summary>
internal sealed class LocalRequest
{
    private static readonly string[] _schemes = ["http://", "ws://"];

    private LocalRequest(HttpHead head, string method, bool isHttp10)
    {
        Head = head;
        Method = method;
        IsHttp10 = isHttp10;
    }

    public HttpHead Head { get; }

    public string Method { get; }

    /// <summary>A client of HTTP/1.0 gets no chunks and no interim answers, and one answer for a connection.</summary>
    public bool IsHttp10 { get; }

    /// <summary>Where the tunnel goes.</summary>
    public required Destination Destination { get; init; }

    /// <summary>What the origin is asked for: a path and query, or <c>*</c>; null for CONNECT.</summary>
    public string? Target { get; private init; }

    /// <summary>The Host field for the origin: the authority as the client wrote it; null for CONNECT.</summary>
    public string? Host { get; private init; }

    /// <summary>Its content; empty for CONNECT.</summary>
    public MessageBody Body { get; private init; } = new SizedBody(0);

    /// <summary>How many proxies may still pass it on (RFC 9110, section 7.6.2); null when that does not matter.</summary>
    public long? MaxForwards { get; private init; }

    /// <summary>The protocol it wants to change to; null for none.</summary>
    public string? Upgrade { get; private init; }

    /// <summary>Whether its connection ends with it.</summary>
    public bool IsLast => IsHttp10 || Head.Has("Connection", "close") || Head.Has("Proxy-Connection", "close");

    /// <summary>Whether asking twice does no more than asking once, and can be done.</summary>
    public bool IsRepeatable { get; private init; }

    /// <summary>Reads a head; otherwise the status and the sentence that refuse it.</summary>
    public static LocalRequest? Read(ReadOnlySpan<byte> bytes, out RelayAnswer? error)
    {
        if (HttpHead.Parse(bytes) is not { } head) return Fail(400, "The request is not well-formed HTTP/1.1.", out error);
        var parts = head.StartLine.Split(' ');
        if (parts.Length != 3 || !parts[0].AsSpan().ContainsOnlyTokenCharacters() || parts[1].Length == 0)
            return Fail(400, "The request line is not 'METHOD target HTTP/1.1'.", out error);
        if (parts[2] is not ("HTTP/1.1" or "HTTP/1.0")) return Fail(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.", out error);
        if (head.Values("Host").Count() > 1) return Fail(400, "There is more than one Host.", out error);
        var isHttp10 = parts[2] == "HTTP/1.0";
        return parts[0] == "CONNECT" ? ReadConnect(head, parts[1], isHttp10, out error) : ReadAbsoluteForm(head, parts[0], parts[1], isHttp10, out error);
    }

    /// <summary>The head for the origin: Host of the target, and nothing that was for this connection alone.</summary>
    /// <param name="isLast">Whether the connection to the origin ends with it.</param>
    public byte[] ForOrigin(bool isLast)
    {
        var head = new StringBuilder($"{Method} {Target} HTTP/1.1\r\nHost: {Host}\r\n");
        // HTTP/1.0 has no interim answer to expect (RFC 9110, section 10.1.1).
        HopByHop.AppendEndToEnd(head, Head, "Host", MaxForwards is null ? "Host" : "Max-Forwards", IsHttp10 ? "Expect" : "Host");
        if (MaxForwards is { } left) head.Append(CultureInfo.InvariantCulture, $"Max-Forwards: {left - 1}\r\n");
        if (Upgrade is not null) head.Append("Connection: Upgrade\r\nUpgrade: ").Append(Upgrade).Append("\r\n");
        else if (isLast) head.Append("Connection: close\r\n");
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    private static LocalRequest? ReadConnect(HttpHead head, string target, bool isHttp10, out RelayAnswer? error)
    {
        error = null;
        // What frames content would be read as the tunnel's first bytes here, and as content elsewhere (RFC 9110, section 9.3.6).
        if (head.Values("Transfer-Encoding").Any() || head.Values("Content-Length").Any(static length => length != "0"))
            return Fail(400, "CONNECT has no content.", out error);
        return Destination.Parse(target) is { } destination
            ? new LocalRequest(head, "CONNECT", isHttp10) { Destination = destination }
            : Fail(400, "CONNECT needs host:port with a port of 1 to 65535.", out error);
    }

    private static LocalRequest? ReadAbsoluteForm(HttpHead head, string method, string target, bool isHttp10, out RelayAnswer? error)
    {
        error = null;
        if (Array.Find(_schemes, scheme => target.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) is not { } scheme)
            return Fail(400, "This is a proxy: it takes CONNECT host:port and absolute http:// targets.", out error);
        if (!isHttp10 && !head.Values("Host").Any()) return Fail(400, "There is no Host.", out error);
        var rest = target[scheme.Length..];
        var end = rest.AsSpan().IndexOfAny("/?#");
        var authority = end < 0 ? rest : rest[..end];
        var path = end < 0 ? "" : rest[end..];
        if (path.Contains('#', StringComparison.Ordinal) || Destination.Parse(authority, defaultPort: 80) is not { } destination)
            return Fail(400, "The target is not http://host[:port]/path.", out error);
        if (ReadBody(head, isHttp10, out error) is not { } body || !TryReadMaxForwards(head, method, out var maxForwards, ref error)) return null;
        var upgrade = ReadUpgrade(head, isHttp10, body);
        return new LocalRequest(head, method, isHttp10)
        {
            Destination = destination,
            Host = authority,
            // RFC 9112, section 3.2.4: OPTIONS of no path asks about the server as a whole.
            Target = path.Length == 0 ? method == "OPTIONS" ? "*" : "/" : path[0] == '?' ? "/" + path : path,
            Body = body,
            MaxForwards = maxForwards,
            Upgrade = upgrade,
            IsRepeatable = method is "GET" or "HEAD" or "OPTIONS" or "TRACE" && body.IsComplete && upgrade is null,
        };
    }

    /// <summary>Ambiguous framing is refused: it is how requests are smuggled.</summary>
    private static MessageBody? ReadBody(HttpHead head, bool isHttp10, out RelayAnswer? error)
    {
        error = null;
        var encodings = head.Members("Transfer-Encoding").ToArray();
        if (head.Values("Transfer-Encoding").Any())
        {
            if (head.Values("Content-Length").Any()) return Refuse(400, "Content-Length and Transfer-Encoding exclude each other.", out error);
            if (isHttp10) return Refuse(400, "HTTP/1.0 has no Transfer-Encoding.", out error);
            return encodings is [var encoding] && encoding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
                ? new ChunkedBody(isPadded: false)
                : Refuse(501, "The only transfer encoding taken is 'chunked'.", out error);
        }

        try
        {
            // One line with one number: what other parsers make of a list is not known.
            if (head.Values("Content-Length").Count() <= 1 && !head.Values("Content-Length").Any(static value => value.Contains(',', StringComparison.Ordinal)))
                return new SizedBody(MessageBody.LengthIn(head) ?? 0);
        }
        catch (InvalidDataException)
        {
            // Told below.
        }

        return Refuse(400, "Content-Length is not one number.", out error);
    }

    private static bool TryReadMaxForwards(HttpHead head, string method, out long? maxForwards, ref RelayAnswer? error)
    {
        maxForwards = null;
        if (method is not ("OPTIONS" or "TRACE") || head.Values("Max-Forwards").ToArray() is not [_, ..] values) return true;
        if (values is [{ Length: > 0 } value] && value.All(char.IsAsciiDigit))
        {
            // As many as one can count are as good as any (RFC 9110, section 7.6.2).
            maxForwards = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
            return true;
        }

        error = new RelayAnswer(400, "Max-Forwards is not a number.\n");
        return false;
    }

    /// <summary>With content the change would come in the middle of it; and HTTP/2 in cleartext is for the next connection alone.</summary>
    private static string? ReadUpgrade(HttpHead head, bool isHttp10, MessageBody body)
    {
        var protocols = head.Members("Upgrade").ToArray();
        return isHttp10 || !body.IsComplete || !head.Has("Connection", "upgrade") || protocols.Length == 0 || protocols.Contains("h2c", StringComparer.OrdinalIgnoreCase)
            ? null
            : string.Join(", ", protocols);
    }

    private static LocalRequest? Fail(int status, string text, out RelayAnswer? error)
    {
        error = new RelayAnswer(status, text + "\n");
        return null;
    }

    private static MessageBody? Refuse(int status, string text, out RelayAnswer? error)
    {
        error = new RelayAnswer(status, text + "\n");
        return null;
    }
}
