namespace PrivacyPass.Http;

/// <summary>Why a header value holds no usable token.</summary>
public enum PrivateTokenError
{
    /// <summary>It holds one.</summary>
    None = 0,

    /// <summary>The scheme is not PrivateToken, or the value is empty.</summary>
    OtherScheme,

    /// <summary>The scheme is PrivateToken, without a token parameter.</summary>
    NoToken,

    /// <summary>More than one token parameter.</summary>
    DuplicateToken,

    /// <summary>The value does not follow the grammar: token68 form, control characters, an open quote, a second scheme.</summary>
    MalformedSyntax,

    /// <summary>The token is not base64url: standard alphabet, other characters, misplaced padding.</summary>
    NotBase64Url,

    /// <summary>The token's last character carries bits that belong to no byte.</summary>
    NonCanonicalBase64Url,

    /// <summary>The token is longer than any supported one (354 bytes).</summary>
    TooLong,

    /// <summary>The token has not exactly the size of its type.</summary>
    WrongLength,

    /// <summary>The token's type is reserved for greasing: the client has no token.</summary>
    GreasedType,

    /// <summary>The token's type is neither supported nor greased.</summary>
    UnsupportedType,
}
