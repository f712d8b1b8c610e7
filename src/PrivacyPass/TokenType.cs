namespace PrivacyPass;

/// <summary>The token types this library issues and verifies (RFC 9578, section 8.1; IANA "Privacy Pass Token Types").</summary>
public enum TokenType : ushort
{
    /// <summary>No token type; never valid on the wire as a type of ours (0x0000 is reserved for greasing).</summary>
    None = 0,

    /// <summary>VOPRF(P-384, SHA-384), privately verifiable (RFC 9578, section 5).</summary>
    VoprfP384 = 0x0001,

    /// <summary>Blind RSA (2048 bits, SHA-384, PSS), publicly verifiable (RFC 9578, section 6).</summary>
    BlindRsa2048 = 0x0002,
}
