using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace PrivacyProxy.Admission.Http2;

/// <summary>Finds the frame headers (RFC 9113, section 4.1) in the bytes of one direction, in whatever pieces they come.</summary>
/// <param name="skip">Bytes before the first frame: the client's preface.</param>
internal struct FrameScanner(int skip)
{
    private const int HeaderSize = 9;

    private Header _header;
    private int _filled;
    private int _skip = skip;

    /// <summary>Takes bytes up to the end of the next frame header; false when they end before it.</summary>
    public bool TryReadHeader(ref ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        var skipped = Math.Min(_skip, bytes.Length);
        bytes = bytes[skipped..];
        _skip -= skipped;
        var taken = Math.Min(HeaderSize - _filled, bytes.Length);
        Span<byte> room = _header;
        bytes[..taken].CopyTo(room[_filled..]);
        bytes = bytes[taken..];
        _filled += taken;
        if (_filled < HeaderSize) return false;
        _filled = 0;
        var length = (room[0] << 16) | (room[1] << 8) | room[2];
        _skip = length;
        header = new FrameHeader(length, (FrameType)room[3], room[4], (int)(BinaryPrimitives.ReadUInt32BigEndian(room[5..]) & 0x7fffffff));
        return true;
    }

    [InlineArray(HeaderSize)]
    private struct Header
    {
        private byte _first;
    }
}
