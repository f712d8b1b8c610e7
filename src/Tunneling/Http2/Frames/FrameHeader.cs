using System.Buffers.Binary;

namespace Tunneling.Http2.Frames;

/// <summary>The nine bytes before every payload (RFC 9113, section 4.1).</summary>
/// <param name="Length">Of the payload, at most 2^24-1.</param>
/// <param name="Type">The type; unknown ones are possible.</param>
/// <param name="Flags">The flags as received.</param>
/// <param name="StreamId">The stream, 31 bits; 0 is the connection.</param>
internal readonly record struct FrameHeader(int Length, FrameType Type, FrameFlags Flags, int StreamId)
{
    /// <summary>Bytes of a frame header.</summary>
    public const int Size = 9;

    /// <summary>The payload that every peer takes (section 4.2), and the most that is taken here.</summary>
    public const int DefaultMaxLength = 16_384;

    /// <summary>Reads the first nine bytes.</summary>
    public static FrameHeader Read(ReadOnlySpan<byte> bytes) => new(
        (bytes[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]),
        (FrameType)bytes[3],
        (FrameFlags)bytes[4],
        (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes[5..]) & int.MaxValue));

    /// <summary>Writes nine bytes.</summary>
    public void Write(Span<byte> destination)
    {
        destination[8] = (byte)StreamId; // first, for one check of the bounds
        destination[0] = (byte)(Length >> 16);
        destination[1] = (byte)(Length >> 8);
        destination[2] = (byte)Length;
        destination[3] = (byte)Type;
        destination[4] = (byte)Flags;
        destination[5] = (byte)(StreamId >> 24);
        destination[6] = (byte)(StreamId >> 16);
        destination[7] = (byte)(StreamId >> 8);
    }

    public bool Has(FrameFlags flag) => (Flags & flag) != FrameFlags.None;
}
