using System.Buffers;

namespace Tunneling.Http2.Frames;

/// <summary>
/// Bytes in, frames out, however the bytes are split. Holds at most one header, or the part of one payload that has arrived;
/// between frames it holds nothing.
/// </summary>
internal sealed class FrameReader : IDisposable
{
    private const int FirstBufferSize = 128;

    private HeaderBytes _headerBytes;
    private int _headerCount;
    private int _prefaceCount;
    private State _state = State.Preface;
    private FrameHeader _header;
    private int _left; // of the payload
    private int _padding; // of it, at its end
    private bool _isFirst;
    private byte[]? _held; // from the pool: the part of a payload that has come
    private int _heldCount;

    private enum State : byte
    {
        Preface,
        Header,
        PadLength,
        Data,
        Payload,
        Skip,
    }

    /// <summary>What a client sends before its first frame (RFC 9113, section 3.4).</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>True between two frames, once the preface has come.</summary>
    public bool IsBetweenFrames => _state == State.Header && _headerCount == 0;

    /// <summary>Takes bytes from <paramref name="input"/> until a frame or a piece of one is there. False: more bytes are needed, or <paramref name="error"/> says what is wrong.</summary>
    public bool TryRead(ref ReadOnlySpan<byte> input, out Frame frame, out Http2ErrorCode error)
    {
        error = Http2ErrorCode.NoError;
        frame = default;
        ReleaseHeld();
        while (true)
        {
            switch (_state)
            {
                case State.Preface:
                    if (!ReadPreface(ref input, out error)) return false;
                    break;
                case State.Header:
                    if (!ReadHeader(ref input)) return false;
                    if (_header.Length > FrameHeader.DefaultMaxLength)
                    {
                        error = Http2ErrorCode.FrameSizeError;
                        return false;
                    }

                    if (BeginPayload(out frame)) return true;
                    break;
                case State.PadLength:
                    if (input.IsEmpty) return false;
                    _padding = input[0];
                    input = input[1..];
                    if (_padding > --_left)
                    {
                        error = Http2ErrorCode.ProtocolError;
                        return false;
                    }

                    _state = State.Data;
                    break;
                case State.Data:
                    return TryReadData(ref input, out frame);
                case State.Payload:
                    return TryReadPayload(ref input, out frame);
                case State.Skip:
                    var skipped = Math.Min(_left, input.Length);
                    input = input[skipped..];
                    _left -= skipped;
                    if (_left > 0) return false;
                    _state = State.Header;
                    break;
            }
        }
    }

    /// <summary>Gives its buffer back.</summary>
    public void Dispose()
    {
        _heldCount = 0;
        if (_held is not null) ArrayPool<byte>.Shared.Return(_held);
        _held = null;
    }

    private bool ReadPreface(ref ReadOnlySpan<byte> input, out Http2ErrorCode error)
    {
        var count = Math.Min(Preface.Length - _prefaceCount, input.Length);
        error = input[..count].SequenceEqual(Preface.Slice(_prefaceCount, count)) ? Http2ErrorCode.NoError : Http2ErrorCode.ProtocolError;
        if (error != Http2ErrorCode.NoError) return false;
        input = input[count..];
        _prefaceCount += count;
        if (_prefaceCount < Preface.Length) return false;
        _state = State.Header;
        return true;
    }

    private bool ReadHeader(ref ReadOnlySpan<byte> input)
    {
        if (_headerCount == 0 && input.Length >= FrameHeader.Size)
        {
            _header = FrameHeader.Read(input);
            input = input[FrameHeader.Size..];
            return true;
        }

        var count = Math.Min(FrameHeader.Size - _headerCount, input.Length);
        Span<byte> bytes = _headerBytes;
        input[..count].CopyTo(bytes[_headerCount..]);
        input = input[count..];
        _headerCount += count;
        if (_headerCount < FrameHeader.Size) return false;
        _headerCount = 0;
        _header = FrameHeader.Read(bytes);
        return true;
    }

    /// <summary>True when the header alone is a frame to hand out.</summary>
    private bool BeginPayload(out Frame frame)
    {
        frame = default;
        _left = _header.Length;
        _padding = 0;
        _isFirst = true;
        if (_header.Type > FrameType.Continuation)
        {
            _state = State.Skip;
            frame = new Frame(_header, default, isFirst: true, isLast: true);
            return true;
        }

        if (_header.Type != FrameType.Data) _state = State.Payload;
        else if (!_header.Has(FrameFlags.Padded)) _state = State.Data;
        else if (_left > 0) _state = State.PadLength;
        else
        {
            // Padded, without the byte that says how much: given out as a broken frame of another type would be.
            _state = State.Header;
            frame = new Frame(_header, default, isFirst: true, isLast: true);
            return true;
        }

        return false;
    }

    private bool TryReadData(ref ReadOnlySpan<byte> input, out Frame frame)
    {
        frame = default;
        var data = _left - _padding;
        if (input.IsEmpty && data > 0 && !_isFirst) return false;
        var count = Math.Min(data, input.Length);
        var isLast = count == data;
        var padding = _header.Has(FrameFlags.Padded) ? _padding + 1 : 0;
        frame = new Frame(_header, input[..count], _isFirst, isLast, padding);
        input = input[count..];
        _left -= count;
        _isFirst = false;
        if (isLast) _state = _left > 0 ? State.Skip : State.Header;
        return true;
    }

    private bool TryReadPayload(ref ReadOnlySpan<byte> input, out Frame frame)
    {
        frame = default;
        if (_heldCount == 0 && input.Length >= _left)
        {
            frame = new Frame(_header, input[.._left], isFirst: true, isLast: true);
            input = input[_left..];
            _state = State.Header;
            return true;
        }

        var count = Math.Min(_left - _heldCount, input.Length);
        if (count > 0) Hold(input[..count]);
        input = input[count..];
        if (_heldCount < _left) return false;
        frame = new Frame(_header, _held.AsSpan(0, _heldCount), isFirst: true, isLast: true);
        _state = State.Header;
        return true;
    }

    /// <summary>The buffer grows with what has come, not with what was promised.</summary>
    private void Hold(ReadOnlySpan<byte> bytes)
    {
        var needed = _heldCount + bytes.Length;
        if (_held is null || _held.Length < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBufferSize, Math.Max(needed, Math.Min(_left, needed * 2))));
            if (_held is not null)
            {
                _held.AsSpan(0, _heldCount).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_held);
            }

            _held = larger;
        }

        bytes.CopyTo(_held.AsSpan(_heldCount));
        _heldCount = needed;
    }

    /// <summary>The payload that was handed out last stands in the buffer until now.</summary>
    private void ReleaseHeld()
    {
        if (_state != State.Payload && _held is not null) Dispose();
    }

    [System.Runtime.CompilerServices.InlineArray(FrameHeader.Size)]
    private struct HeaderBytes
    {
        private byte _first;
    }
}
