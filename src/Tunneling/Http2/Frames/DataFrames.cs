namespace Tunneling.Http2.Frames;

/// <summary>
/// How DATA is laid out in an output buffer: before each payload of a full frame nine bytes for its header. So a read can scatter into
/// the gaps' other sides, and the headers are written when it is known how much came.
/// </summary>
internal static class DataFrames
{
    /// <summary>The payload bytes that fit so many bytes of output.</summary>
    public static int PayloadIn(int space, int frameSize)
    {
        var whole = Math.DivRem(space, FrameHeader.Size + frameSize, out var rest);
        return (whole * frameSize) + Math.Max(0, rest - FrameHeader.Size);
    }

    /// <summary>The output that a payload takes.</summary>
    public static int LengthOf(int payload, int frameSize) => payload + (FrameCount(payload, frameSize) * FrameHeader.Size);

    /// <summary>How many frames a payload takes.</summary>
    public static int FrameCount(int payload, int frameSize) => (payload + frameSize - 1) / frameSize;

    /// <summary>Where a frame's payload begins: the place of its header, and nine.</summary>
    public static int PayloadStart(int frame, int frameSize) => (frame * (FrameHeader.Size + frameSize)) + FrameHeader.Size;

    /// <summary>Writes the headers before a payload that stands in its places; returns the length of all.</summary>
    public static int WriteHeaders(Span<byte> output, int streamId, int payload, int frameSize, bool endsStream)
    {
        var at = 0;
        for (var left = payload; left > 0;)
        {
            var length = Math.Min(left, frameSize);
            left -= length;
            var flags = endsStream && left == 0 ? FrameFlags.EndStream : FrameFlags.None;
            new FrameHeader(length, FrameType.Data, flags, streamId).Write(output[at..]);
            at += FrameHeader.Size + length;
        }

        return at;
    }

    /// <summary>Copies a payload to its places.</summary>
    public static void CopyPayload(ReadOnlySpan<byte> payload, Span<byte> output, int frameSize)
    {
        for (var frame = 0; !payload.IsEmpty; frame++)
        {
            var part = payload[..Math.Min(payload.Length, frameSize)];
            part.CopyTo(output[PayloadStart(frame, frameSize)..]);
            payload = payload[part.Length..];
        }
    }
}
