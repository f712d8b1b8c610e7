namespace PrivacyProxy.LoadTests.Redemptions;

/// <summary>What the bad requests of a storm are.</summary>
internal enum StormKind
{
    /// <summary>Tokens spent before.</summary>
    Replay,

    /// <summary>Tokens whose signature does not verify.</summary>
    Forged,
}
