namespace PrivacyProxy.Recording;

/// <summary>A part of a tunnel request that has a span of its own.</summary>
internal enum TracePhase
{
    /// <summary><c>redeem</c>: from the credentials to the verdict.</summary>
    Redeem = 0,

    /// <summary><c>double_spend.lookup</c>.</summary>
    LookUp,

    /// <summary><c>token.verify</c>.</summary>
    Verify,

    /// <summary><c>double_spend.spend</c>.</summary>
    Spend,

    /// <summary><c>dns.resolve</c>.</summary>
    Resolve,

    /// <summary><c>tcp.connect</c>.</summary>
    Connect,
}
