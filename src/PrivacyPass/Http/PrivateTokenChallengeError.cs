namespace PrivacyPass.Http;

/// <summary>Why a challenge of a WWW-Authenticate or Proxy-Authenticate field cannot be answered with a token.</summary>
public enum PrivateTokenChallengeError
{
    /// <summary>It can.</summary>
    None = 0,

    /// <summary>Its scheme is not PrivateToken.</summary>
    OtherScheme,

    /// <summary>It does not follow the grammar, or max-age is not a number of seconds.</summary>
    MalformedSyntax,

    /// <summary>It has no challenge parameter.</summary>
    NoChallenge,

    /// <summary>A parameter that may appear once appears again.</summary>
    DuplicateParameter,

    /// <summary>The challenge or the token key is not canonical base64url.</summary>
    NotBase64Url,

    /// <summary>The token type is reserved for greasing; clients ignore such challenges (RFC 9577, section 4.1).</summary>
    GreasedType,

    /// <summary>The token type is not supported; clients ignore such challenges (RFC 9577, section 2.1.3).</summary>
    UnsupportedType,

    /// <summary>The TokenChallenge in it is malformed.</summary>
    MalformedChallenge,
}
