namespace PrivacyRelay.Upstream;

/// <summary>What a tunnel carries.</summary>
internal enum TunnelKind
{
    /// <summary>The bytes of a TCP connection.</summary>
    Tcp = 0,

    /// <summary>UDP datagrams, in capsules (RFC 9298).</summary>
    Udp,
}
