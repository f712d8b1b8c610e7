namespace Tunneling.Http2.Frames;

/// <summary>The flags of RFC 9113; which of them a frame knows depends on its type.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,
    EndStream = 0x1,
    Ack = EndStream,
    EndHeaders = 0x4,
    Padded = 0x8,
    Priority = 0x20,
}
