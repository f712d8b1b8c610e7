namespace Masque.Udp;

/// <summary>What the next bytes of a connect-udp stream gave.</summary>
public enum UdpDatagramStep
{
    /// <summary>Nothing yet.</summary>
    NeedMore = 0,

    /// <summary>A UDP payload.</summary>
    Payload,

    /// <summary>A capsule or a context that means nothing here.</summary>
    Skipped,

    /// <summary>What no peer may send.</summary>
    Malformed,
}
