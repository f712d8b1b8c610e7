namespace PrivacyProxy.LoadTests.Targets;

/// <summary>What tunnels are paid with.</summary>
internal enum Payment
{
    /// <summary>One preshared key for all.</summary>
    Psk,

    /// <summary>A Privacy Pass token each (type 2), verified and spent.</summary>
    Tokens,

    /// <summary>Nothing: the proxy lets everybody in.</summary>
    None,
}
