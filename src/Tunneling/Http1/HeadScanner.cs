namespace Tunneling.Http1;

/// <summary>
/// Finds out what a connection begins with, and where the head of a CONNECT ends. No I/O: it is shown all bytes so far, again whenever
/// there are more, and remembers how far it has looked.
/// </summary>
/// <param name="maxLength">Bytes a head may have, the empty line included.</param>
internal struct HeadScanner(int maxLength)
{
    /// <summary>A few, not a stream of them.</summary>
    private const int MostEmptyLines = 4;

    private int _scanned;
    private bool _isConnect;

    private static ReadOnlySpan<byte> Method => "CONNECT "u8;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>Whether it begins with CONNECT, as far as it was shown.</summary>
    public readonly bool IsConnect => _isConnect;

    /// <summary>Length of the empty lines before the request line, CRLF or LF alone: they are ignored, old clients end a body with one (RFC 9112, section 2.2).</summary>
    public int Skipped { get; private set; }

    /// <summary>Looks at all bytes so far.</summary>
    /// <param name="bytes">Everything received since the connection began.</param>
    /// <param name="head">With <see cref="RequestStart.Connect"/> where in it the head is, without <see cref="Skipped"/>.</param>
    public RequestStart Scan(ReadOnlySpan<byte> bytes, out Range head)
    {
        head = default;
        if (!_isConnect) Skipped = EmptyLines(bytes);
        var rest = bytes[Skipped..];
        if (!_isConnect)
        {
            if (!rest.StartsWith(Method)) return WithoutMethod(rest);
            _isConnect = true;
        }

        // The end may have come in parts.
        var from = Math.Max(_scanned - HeadEnd.Length + 1, 0);
        var end = rest[from..].IndexOf(HeadEnd);
        _scanned = rest.Length;
        var length = end < 0 ? rest.Length : from + end + HeadEnd.Length;
        if (length > maxLength) return RequestStart.TooLarge;
        if (end < 0) return RequestStart.Undecided;
        head = Skipped..(Skipped + length);
        return RequestStart.Connect;
    }

    private static int EmptyLines(ReadOnlySpan<byte> bytes)
    {
        var length = 0;
        for (var lines = 0; lines < MostEmptyLines; lines++)
        {
            var rest = bytes[length..];
            if (rest.StartsWith("\r\n"u8)) length += 2;
            else if (rest.StartsWith("\n"u8)) length++;
            else break;
        }

        return length;
    }

    private static RequestStart WithoutMethod(ReadOnlySpan<byte> rest)
    {
        if (rest.StartsWith(Preface)) return RequestStart.Http2;
        // The last: half of an empty line.
        var mayBecome = Method.StartsWith(rest) || Preface.StartsWith(rest) || rest.SequenceEqual("\r"u8);
        return mayBecome ? RequestStart.Undecided : RequestStart.Other;
    }
}
