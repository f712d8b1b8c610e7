namespace PrivacyPass;

/// <summary>
/// The token types this library issues and verifies (RFC 9578, section 8.1; IANA "Privacy Pass Token Types"). Types 1 and 2 are of the
/// RFC; the others are of drafts, may change with them, and are for who asks for them by name.
/// </summary>
public enum TokenType : ushort
{
    /// <summary>No token type; never valid on the wire as a type of ours (0x0000 is reserved for greasing).</summary>
    None = 0,

    /// <summary>VOPRF(P-384, SHA-384), privately verifiable (RFC 9578, section 5).</summary>
    VoprfP384 = 0x0001,

    /// <summary>Blind RSA (2048 bits, SHA-384, PSS), publicly verifiable (RFC 9578, section 6).</summary>
    BlindRsa2048 = 0x0002,

    /// <summary>VOPRF(ristretto255, SHA-512), privately verifiable (draft-ietf-privacypass-batched-tokens, section 9.1). Experimental.</summary>
    VoprfRistretto255 = 0x0005,

    /// <summary>
    /// Partially blind RSA (2048 bits, SHA-384, PSS) with public metadata, publicly verifiable
    /// (draft-ietf-privacypass-public-metadata-issuance). Experimental.
    /// </summary>
    PartiallyBlindRsa2048 = 0xDA7A,
}
