namespace PrivacyProxy.Forwarding;

/// <summary>
/// Follows a request in chunks (RFC 9112, section 7.1) as the HTTP client writes it, to the place where trailers belong: behind the line of
/// the last chunk. By its framing, as content may look like an end.
/// </summary>
internal struct ChunkedEnd
{
    private Part _part;
    private int _matched; // of the end of the head
    private long _left;

    private enum Part
    {
        None,
        Head,
        Size,
        SizeEnd,
        Data,
        DataEnd,
    }

    /// <summary>The next bytes are those of a head.</summary>
    public void Begin() => (_part, _matched, _left) = (Part.Head, 0, 0);

    /// <summary>Takes what is written next; how much of it comes before the place, -1 where that is not in it.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length && _part != Part.None; i++)
        {
            if (_part == Part.Data)
            {
                var taken = (int)Math.Min(_left, bytes.Length - i);
                _left -= taken;
                i += taken - 1;
                if (_left == 0) _part = Part.DataEnd;
                continue;
            }

            switch (_part, bytes[i])
            {
                case (Part.Head, var next):
                    _matched = next == (_matched % 2 == 0 ? (byte)'\r' : (byte)'\n') ? _matched + 1 : next == '\r' ? 1 : 0;
                    if (_matched == 4) _part = Part.Size;
                    break;
                case (Part.Size, (byte)'\r'):
                    _part = Part.SizeEnd;
                    break;
                case (Part.Size, var digit):
                    _left = (_left << 4) + (digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
                    break;
                case (Part.SizeEnd, _):
                    if (_left == 0)
                    {
                        _part = Part.None;
                        return i + 1;
                    }

                    _part = Part.Data;
                    break;
                case (Part.DataEnd, (byte)'\n'):
                    _part = Part.Size;
                    break;
            }
        }

        return -1;
    }
}
