namespace Tunneling.Http1;

/// <summary>
/// Finds out what a connection begins with, and where the head of a CONNECT ends. No I/O: it is shown all bytes so far, again whenever
/// there are more, and remembers how far it has looked.
/// </summary>
/// <param name="maxLength">Bytes a head may have, the empty line included.</param>
internal struct HeadScanner(int maxLength)
{
    private int _scanned;
    private bool _isConnect;

    private static ReadOnlySpan<byte> Method => "CONNECT "u8;

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>Whether it begins with CONNECT, as far as it was shown.</summary>
    public readonly bool IsConnect => _isConnect;

    /// <summary>Looks at all bytes so far.</summary>
    /// <param name="bytes">Everything received since the connection began.</param>
    /// <param name="head">With <see cref="RequestStart.Connect"/> where in it the head is, without an empty line before it (RFC 9112, section 2.2).</param>
    public RequestStart Scan(ReadOnlySpan<byte> bytes, out Range head)
    {
        head = default;
        var skipped = bytes.StartsWith("\r\n"u8) ? 2 : 0;
        var rest = bytes[skipped..];
        if (!_isConnect)
        {
            if (!rest.StartsWith(Method)) return WithoutMethod(bytes, rest);
            _isConnect = true;
        }

        // The end may have come in parts.
        var from = Math.Max(_scanned - HeadEnd.Length + 1, 0);
        var end = rest[from..].IndexOf(HeadEnd);
        _scanned = rest.Length;
        var length = end < 0 ? rest.Length : from + end + HeadEnd.Length;
        if (length > maxLength) return RequestStart.TooLarge;
        if (end < 0) return RequestStart.Undecided;
        head = skipped..(skipped + length);
        return RequestStart.Connect;
    }

    private static RequestStart WithoutMethod(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> rest)
    {
        if (bytes.StartsWith(Preface)) return RequestStart.Http2;
        var mayBecome = Method.StartsWith(rest) || Preface.StartsWith(bytes) || (bytes.Length == 1 && bytes[0] == '\r');
        return mayBecome ? RequestStart.Undecided : RequestStart.Other;
    }
}
