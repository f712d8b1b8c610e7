namespace PrivacyProxy.Admission.Http2;

/// <summary>RFC 9113, section 6; those that are told apart here.</summary>
internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    RstStream = 3,
}
