namespace PrivacyRelay.Http;

/// <summary>A chunked body, followed byte for byte (RFC 9112, section 7.1), trailers and all.</summary>
/// <param name="isPadded">Whether sizes may be followed by white space, as some origins write them. In requests they may not: it is one more thing to read in two ways.</param>
internal sealed class ChunkedBody(bool isPadded) : MessageBody
{
    /// <summary>Size line with extensions, and each trailer line.</summary>
    private const int MaxLine = 8 * 1024;

    private const int MaxTrailers = 64;

    private State _state = State.Size;
    private long _left;
    private int _digits;
    private int _lineLength;
    private int _trailers;

    private enum State
    {
        Size,
        Extension,
        SizeLineFeed,
        Data,
        DataCarriageReturn,
        DataLineFeed,
        Trailer,
        TrailerLineFeed,
        Complete,
    }

    public override bool IsComplete => _state == State.Complete;

    public override int Accept(ReadOnlySpan<byte> bytes)
    {
        var i = 0;
        while (i < bytes.Length && !IsComplete) i += Next(bytes[i..], out _);
        return i;
    }

    public override int Decode(Span<byte> bytes, out int content)
    {
        var i = 0;
        content = 0;
        while (i < bytes.Length && !IsComplete)
        {
            var count = Next(bytes[i..], out var isData);
            if (isData)
            {
                bytes.Slice(i, count).CopyTo(bytes[content..]);
                content += count;
            }

            i += count;
        }

        return i;
    }

    /// <summary>Takes a stretch of data, or one byte of what frames it.</summary>
    private int Next(ReadOnlySpan<byte> bytes, out bool isData)
    {
        isData = _state == State.Data;
        if (!isData)
        {
            Step(bytes[0]);
            return 1;
        }

        var count = (int)Math.Min(_left, bytes.Length);
        _left -= count;
        if (_left == 0) _state = State.DataCarriageReturn;
        return count;
    }

    private void Step(byte b)
    {
        switch (_state)
        {
            case State.Size: Size(b); break;
            case State.Extension: Line(b, State.SizeLineFeed); break;
            case State.SizeLineFeed:
                Expect(b, (byte)'\n');
                if (_digits == 0) throw Broken();
                (_state, _lineLength, _digits) = (_left == 0 ? State.Trailer : State.Data, 0, 0);
                break;
            case State.DataCarriageReturn: Expect(b, (byte)'\r'); _state = State.DataLineFeed; break;
            case State.DataLineFeed: Expect(b, (byte)'\n'); _state = State.Size; break;
            case State.Trailer: Line(b, State.TrailerLineFeed); break;
            case State.TrailerLineFeed:
                Expect(b, (byte)'\n');
                _state = _lineLength == 0 ? State.Complete : State.Trailer;
                if (++_trailers > MaxTrailers) throw Broken();
                _lineLength = 0;
                break;
        }
    }

    private void Size(byte b)
    {
        if (char.IsAsciiHexDigit((char)b))
        {
            if (++_digits > 15) throw Broken();
            _left = (_left * 16) + (b <= '9' ? b - '0' : (b | 0x20) - 'a' + 10);
        }
        else if ((b == ';' || (isPadded && b is (byte)' ' or (byte)'\t')) && _digits > 0)
        {
            _state = State.Extension;
        }
        else
        {
            Expect(b, (byte)'\r');
            _state = State.SizeLineFeed;
        }
    }

    private void Line(byte b, State end)
    {
        if (b == '\r') _state = end;
        else if (b == '\n' || ++_lineLength > MaxLine) throw Broken();
    }

    private static void Expect(byte b, byte expected)
    {
        if (b != expected) throw Broken();
    }

    private static InvalidDataException Broken() => new("The chunked body is broken.");
}
