namespace PrivacyProxy.Admission.Http2;

/// <summary>A frame without its payload (RFC 9113, section 4.1).</summary>
internal readonly record struct FrameHeader(int Length, FrameType Type, byte Flags, int Stream)
{
    private const byte EndStreamFlag = 0x1;

    /// <summary>Whether it is the last frame that its sender sends on its stream.</summary>
    public bool EndsStream => Type == FrameType.RstStream || (Type is FrameType.Data or FrameType.Headers && (Flags & EndStreamFlag) != 0);
}
