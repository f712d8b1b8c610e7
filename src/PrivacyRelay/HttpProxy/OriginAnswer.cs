using System.Globalization;
using System.Text;
using PrivacyRelay.Http;

namespace PrivacyRelay.HttpProxy;

/// <summary>The head of an origin's answer, and where its body ends (RFC 9112, section 6.3).</summary>
internal sealed class OriginAnswer
{
    private readonly HttpHead _head;
    private readonly string _reason;
    private readonly long? _length;

    private OriginAnswer(HttpHead head, int status, string reason, long? length)
    {
        _head = head;
        Status = status;
        _reason = reason;
        _length = length;
    }

    public int Status { get; }

    /// <summary>Another answer to the same request follows.</summary>
    public bool IsInterim => Status is >= 100 and < 200 and not 101;

    public required MessageBody Body { get; init; }

    /// <summary>Whether the origin takes another request on the connection after it.</summary>
    public required bool KeepsConnection { get; init; }

    /// <summary>Whether the body goes to the client without its chunks.</summary>
    public required bool IsDecoded { get; init; }

    /// <summary>Reads a head.</summary>
    /// <exception cref="InvalidDataException">It is no answer, or its body ends nobody knows where.</exception>
    public static OriginAnswer Read(ReadOnlySpan<byte> bytes, LocalRequest request)
    {
        if (HttpHead.ParseAnswer(bytes) is not { } head) throw new InvalidDataException("The origin's answer is not HTTP/1.1.");
        var parts = head.StartLine.Split(' ', 3);
        if (parts.Length < 2 || !IsVersion(parts[0]) || parts[1].Length != 3 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status < 100)
            throw new InvalidDataException("The origin's answer is not HTTP/1.1.");
        var isHttp11 = parts[0] is not "HTTP/1.0";
        // Chunks override a length (section 6.3), which goes then; and an answer that cannot have a body has none of its own.
        var length = head.Values("Transfer-Encoding").Any() || IsBare(status) ? null : MessageBody.LengthIn(head);
        var body = BodyOf(head, status, isHttp11, length, request, out var isPlain);
        return new OriginAnswer(head, status, parts.Length == 3 ? parts[2] : "", length)
        {
            Body = body,
            // One that says both how long it is and that it is chunked is not trusted with another request (RFC 9112, section 6.3).
            KeepsConnection = isHttp11 && isPlain && body.HasEnd && !head.Has("Connection", "close"),
            IsDecoded = request.IsHttp10 && body is ChunkedBody,
        };
    }

    /// <summary>The head for the client, without what was for the origin's connection alone.</summary>
    /// <param name="isLast">Whether the client's connection ends with it.</param>
    public byte[] ForClient(bool isLast)
    {
        var head = new StringBuilder($"HTTP/1.1 {Status} {_reason}\r\n");
        var hasChunks = !IsDecoded && !IsBare(Status);
        HopByHop.AppendEndToEnd(head, _head, "Content-Length", hasChunks ? "Content-Length" : "Transfer-Encoding", hasChunks ? "Content-Length" : "Trailer");
        if (_length is { } length) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        if (_head.Members("Upgrade").ToArray() is [_, ..] protocols && (Status == 101 || Status == 426))
            head.Append("Connection: Upgrade\r\nUpgrade: ").AppendJoin(", ", protocols).Append("\r\n");
        if (isLast && Status >= 200) head.Append("Connection: close\r\n");
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    private static bool IsBare(int status) => status is < 200 or 204;

    private static bool IsVersion(string text) => text.Length == 8 && text.StartsWith("HTTP/1.", StringComparison.Ordinal) && char.IsAsciiDigit(text[7]);

    /// <param name="head">The fields.</param>
    /// <param name="status">Some have no body whatever the fields say.</param>
    /// <param name="isHttp11">HTTP/1.0 knows no transfer encodings.</param>
    /// <param name="length">Their Content-Length.</param>
    /// <param name="request">What is answered.</param>
    /// <param name="isPlain">Whether there is one way to read the fields.</param>
    private static MessageBody BodyOf(HttpHead head, int status, bool isHttp11, long? length, LocalRequest request, out bool isPlain)
    {
        isPlain = true;
        if (request.Method == "HEAD" || IsBare(status) || status == 304) return new SizedBody(0);
        var encodings = head.Members("Transfer-Encoding").ToArray();
        if (encodings.Length == 0) return length is { } known ? new SizedBody(known) : new UnendingBody();
        if (!isHttp11) throw new InvalidDataException("The origin's answer has a transfer encoding in HTTP/1.0.");
        isPlain = !head.Values("Content-Length").Any();
        var isChunked = encodings[^1].Equals("chunked", StringComparison.OrdinalIgnoreCase);
        if (request.IsHttp10 && (!isChunked || encodings.Length > 1)) throw new InvalidDataException("The origin's answer has a transfer encoding that HTTP/1.0 does not know.");
        return isChunked ? new ChunkedBody(isPadded: true) : new UnendingBody();
    }
}
