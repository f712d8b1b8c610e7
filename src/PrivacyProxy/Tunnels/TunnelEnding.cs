namespace PrivacyProxy.Tunnels;

/// <summary>How a tunnel ended.</summary>
internal enum TunnelEnding
{
    /// <summary>It has not.</summary>
    None = 0,

    /// <summary>Both sides ended in order.</summary>
    Finished,

    /// <summary>The client reset it or its connection broke; the origin got a RST.</summary>
    ClientReset,

    /// <summary>The origin reset it; the client got CONNECT_ERROR or a RST.</summary>
    OriginReset,

    /// <summary>The client sent what its protocol does not allow.</summary>
    Malformed,

    /// <summary>No byte moved for too long.</summary>
    IdleTimeout,

    /// <summary>The origin ended, and this client's protocol can carry no more bytes from it.</summary>
    OriginClosedGrace,

    /// <summary>The proxy is stopping and its time is up.</summary>
    Drained,
}
