namespace PrivacyProxy.Egress.Policy;

/// <summary>What an address is for, after the IANA special-purpose registries (RFC 6890).</summary>
internal enum AddressKind
{
    /// <summary>Globally reachable.</summary>
    Public = 0,

    Unspecified,
    Loopback,

    /// <summary>RFC 1918.</summary>
    Private,

    /// <summary>100.64.0.0/10 (RFC 6598).</summary>
    Shared,

    /// <summary>fc00::/7 (RFC 4193).</summary>
    UniqueLocal,

    LinkLocal,
    Multicast,
    Broadcast,

    /// <summary>The services cloud machines ask about themselves and get credentials from.</summary>
    Metadata,

    Documentation,
    Benchmark,

    /// <summary>Protocol assignments, retired and unassigned space.</summary>
    Reserved,
}
