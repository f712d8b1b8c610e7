namespace PrivacyProxy.SpentTokens;

/// <summary>In which order a token is looked up, verified and spent. In-process stores have no look-up: there it is always verify, spend.</summary>
internal enum SpendOrder
{
    /// <summary>Look up, verify, spend: a replay costs one round trip and no signature check.</summary>
    LookUpFirst,

    /// <summary>Verify, spend: one round trip less for a good token, but a replay costs a signature check.</summary>
    VerifyFirst,

    /// <summary>Verify while the look-up is under way, then spend: the shorter of the two costs a good token no time; a replay costs both.</summary>
    Overlapped,
}
