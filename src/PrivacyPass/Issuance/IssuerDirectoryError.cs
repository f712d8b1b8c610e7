namespace PrivacyPass.Issuance;

/// <summary>Why bytes are not an issuer directory (RFC 9578, section 4).</summary>
public enum IssuerDirectoryError
{
    /// <summary>They are one.</summary>
    None = 0,

    /// <summary>More than 256 KB.</summary>
    TooLarge,

    /// <summary>Not JSON, not a JSON object, or with text that is not Unicode.</summary>
    NotJson,

    /// <summary>No <c>issuer-request-uri</c>, or one that is neither a relative reference nor an http or https URI.</summary>
    BadRequestUri,

    /// <summary>No <c>token-keys</c> array.</summary>
    NoTokenKeys,

    /// <summary>More than 256 keys.</summary>
    TooManyKeys,

    /// <summary>A key of a supported type lacks a member, has one of the wrong kind, or is not canonical base64url.</summary>
    BadTokenKey,
}
