namespace PrivacyProxy.Requests;

/// <summary>How a redemption ended. Each value is one value of the metric label <c>result</c>, in snake case.</summary>
internal enum RedemptionResult
{
    /// <summary>A token was spent, or authentication is off.</summary>
    Accepted,

    /// <summary>A preshared key matched.</summary>
    PresharedAccepted,

    /// <summary>The client's certificate is a good one.</summary>
    CertificateAccepted,

    /// <summary>No credentials.</summary>
    Missing,

    /// <summary>Credentials of a known scheme that do not parse, or a token of a wrong length.</summary>
    Malformed,

    /// <summary>Two header fields with different credentials.</summary>
    Conflicting,

    /// <summary>A scheme the proxy does not take.</summary>
    UnknownScheme,

    /// <summary>A token type the proxy did not offer (greased ones too).</summary>
    UnsupportedType,

    /// <summary>A token for a challenge the proxy did not make.</summary>
    WrongChallenge,

    /// <summary>A key id that no trusted issuer has.</summary>
    UnknownKey,

    /// <summary>A token whose expiration is past, or none that can be read.</summary>
    TokenExpired,

    /// <summary>The authenticator does not verify.</summary>
    InvalidToken,

    /// <summary>Spent before.</summary>
    AlreadySpent,

    /// <summary>The preshared key is not one of ours.</summary>
    WrongPresharedKey,

    /// <summary>The client's certificate is not valid yet, or no longer, and nothing else was good.</summary>
    CertificateExpired,

    /// <summary>The client's certificate is of no authority that is trusted, and nothing else was good.</summary>
    CertificateUnknown,

    /// <summary>The client's certificate is not for clients, and nothing else was good.</summary>
    CertificateMisused,

    /// <summary>The store could not say; refused, never guessed.</summary>
    StoreUnavailable,

    /// <summary>No issuer keys are loaded yet.</summary>
    NotReady,
}
