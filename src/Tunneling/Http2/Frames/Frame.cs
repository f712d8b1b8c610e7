namespace Tunneling.Http2.Frames;

/// <summary>
/// A frame, or a piece of one: DATA comes in pieces as its bytes arrive, without its padding; the payload of any other known type is whole;
/// that of an unknown type is left out.
/// </summary>
internal readonly ref struct Frame(FrameHeader header, ReadOnlySpan<byte> payload, bool isFirst, bool isLast, int padding = 0)
{
    public FrameHeader Header { get; } = header;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>What of a DATA frame's length is no data: padding and the byte that says how much.</summary>
    public int Padding { get; } = padding;

    /// <summary>The first piece of its frame; it may be empty.</summary>
    public bool IsFirst { get; } = isFirst;

    /// <summary>The last piece of its frame; padding may still follow.</summary>
    public bool IsLast { get; } = isLast;
}
