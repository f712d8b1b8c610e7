namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>What is known of a token before its authenticator is looked at.</summary>
internal enum TokenStanding
{
    /// <summary>A key that is accepted, and a challenge that was made.</summary>
    Known,

    /// <summary>Keys of an issuer are missing: it may be good.</summary>
    NotReady,

    /// <summary>No challenge asks for its type.</summary>
    UnsupportedType,

    /// <summary>It answers no challenge that is accepted now, or one of another issuer.</summary>
    WrongChallenge,

    /// <summary>Its key is not accepted, or not now.</summary>
    UnknownKey,
}
