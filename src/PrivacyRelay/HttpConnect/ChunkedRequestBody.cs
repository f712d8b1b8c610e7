namespace PrivacyRelay.HttpConnect;

/// <summary>A chunked body, followed byte for byte without decoding it (RFC 9112, section 7.1).</summary>
internal sealed class ChunkedRequestBody : RequestBody
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
        while (i < bytes.Length && _state != State.Complete)
        {
            if (_state == State.Data)
            {
                var count = (int)Math.Min(_left, bytes.Length - i);
                _left -= count;
                i += count;
                if (_left == 0) _state = State.DataCarriageReturn;
            }
            else
            {
                Step(bytes[i++]);
            }
        }

        return i;
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
            _left = (_left * 16) + Convert.ToInt32(((char)b).ToString(), 16);
        }
        else if (b == ';' && _digits > 0)
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
