namespace PrivacyPass;

/// <summary>Why bytes are not a TokenChallenge a client can answer (RFC 9577, section 2.1.3).</summary>
public enum TokenChallengeError
{
    /// <summary>They are one.</summary>
    None = 0,

    /// <summary>The bytes end before the structure does.</summary>
    Truncated,

    /// <summary>The type is reserved for greasing; what follows it is random.</summary>
    GreasedType,

    /// <summary>The type is neither supported nor greased.</summary>
    UnsupportedType,

    /// <summary>The issuer name has no bytes; it needs at least one.</summary>
    EmptyIssuerName,

    /// <summary>The redemption context has neither 0 nor 32 bytes.</summary>
    BadRedemptionContextLength,

    /// <summary>Bytes follow the end of the structure.</summary>
    TrailingBytes,

    /// <summary>The issuer name or the origin info is not UTF-8.</summary>
    NotText,
}
