namespace MsQuic;

/// <summary>How sending is slowed when the path is full.</summary>
public enum QuicCongestionControl
{
    /// <summary>RFC 9438: backs off at every loss.</summary>
    Cubic,

    /// <summary>Goes by the bandwidth it measures; loss alone does not slow it.</summary>
    Bbr,
}
