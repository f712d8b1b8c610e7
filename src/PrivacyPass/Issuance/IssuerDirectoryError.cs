namespace PrivacyPass.Issuance;

/// <summary>Why bytes are not an issuer directory (RFC 9578, section 4).</summary>
public enum IssuerDirectoryError
{
    /// <summary>They are one.</summary>
    None = 0,

    /// <summary>More than 256 KB.</summary>
    TooLarge,

    /// <summary>Not JSON, or not a JSON object.</summary>
    NotJson,

    /// <summary>No <c>token-keys</c> array.</summary>
    NoTokenKeys,
}
