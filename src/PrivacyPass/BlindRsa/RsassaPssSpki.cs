namespace PrivacyPass.BlindRsa;

/// <summary>
/// The one encoding of a type 2 public key (RFC 9578, section 6.5): a DER SubjectPublicKeyInfo of 342 bytes with id-RSASSA-PSS,
/// SHA-384, MGF1 with SHA-384, salt length 48, and the key (2048-bit modulus, exponent 65537). One with salt length 0 is read too: the
/// IANA registry names that variant (RSABSSA-SHA384-PSSZERO-Deterministic), though RFC 9578, section 6.4 does not.
/// </summary>
internal static class RsassaPssSpki
{
    internal const int Size = 342;
    internal const int ModulusSize = 256;

    // The value of [2], the last of the parameters.
    private const int SaltLengthPosition = 66;

    internal static ReadOnlySpan<byte> Exponent => [0x01, 0x00, 0x01];

    // Fixed sizes make everything but the modulus constant. Hash identifiers carry no NULL parameters: with NULL, the key id would differ.
    private static ReadOnlySpan<byte> Prefix =>
    [
        0x30, 0x82, 0x01, 0x52, // SubjectPublicKeyInfo
        0x30, 0x3D, // AlgorithmIdentifier
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A, // id-RSASSA-PSS
        0x30, 0x30, // RSASSA-PSS-params
        0xA0, 0x0D, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, // [0] SHA-384
        0xA1, 0x1A, 0x30, 0x18, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08, // [1] MGF1 with
        0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, // SHA-384
        0xA2, 0x03, 0x02, 0x01, 0x30, // [2] saltLength 48
        0x03, 0x82, 0x01, 0x0F, 0x00, // BIT STRING
        0x30, 0x82, 0x01, 0x0A, // RSAPublicKey
        0x02, 0x82, 0x01, 0x01, 0x00, // modulus, with the zero that keeps it positive
    ];

    private static ReadOnlySpan<byte> Suffix => [0x02, 0x03, 0x01, 0x00, 0x01];

    /// <summary>Encodes a 256-byte modulus.</summary>
    internal static byte[] Encode(ReadOnlySpan<byte> modulus)
    {
        var encoded = new byte[Size];
        Prefix.CopyTo(encoded);
        modulus.CopyTo(encoded.AsSpan(Prefix.Length, ModulusSize));
        Suffix.CopyTo(encoded.AsSpan(Prefix.Length + ModulusSize));
        return encoded;
    }

    /// <summary>Reads the key; any deviation from the one encoding is refused.</summary>
    /// <exception cref="TokenIssuanceException">It is not a type 2 public key.</exception>
    internal static BlindRsaPublicKey Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != Size)
            throw new TokenIssuanceException($"A type 2 public key has {Size} bytes, this one has {encoded.Length}.");
        var saltSize = encoded[SaltLengthPosition];
        if (saltSize is not (0 or EmsaPss.SaltSize)
            || !encoded.StartsWith(Prefix[..SaltLengthPosition])
            || !encoded[(SaltLengthPosition + 1)..].StartsWith(Prefix[(SaltLengthPosition + 1)..]))
            throw new TokenIssuanceException("The public key is not a 2048-bit RSA key under id-RSASSA-PSS with SHA-384, MGF1-SHA-384 and salt length 48 or 0.");
        if (!encoded.EndsWith(Suffix))
            throw new TokenIssuanceException("The public key's exponent is not 65537.");
        return new BlindRsaPublicKey(encoded.Slice(Prefix.Length, ModulusSize), Exponent, saltSize);
    }
}
