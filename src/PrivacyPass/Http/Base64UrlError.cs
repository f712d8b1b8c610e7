namespace PrivacyPass.Http;

/// <summary>Why text is not canonical base64url.</summary>
public enum Base64UrlError
{
    /// <summary>It is.</summary>
    None = 0,

    /// <summary>A character outside the alphabet, an impossible length, or missing or misplaced padding where some is given.</summary>
    NotBase64Url,

    /// <summary>The unused bits of the last character are not zero: another text would stand for the same bytes.</summary>
    NonCanonical,

    /// <summary>The bytes do not fit the destination.</summary>
    TooLong,
}
