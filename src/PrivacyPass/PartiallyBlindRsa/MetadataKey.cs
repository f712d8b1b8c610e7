using System.Buffers.Binary;
using System.Security.Cryptography;
using PrivacyPass.BlindRsa;

namespace PrivacyPass.PartiallyBlindRsa;

/// <summary>An RSA key as metadata makes it: the public exponent is derived from the metadata (draft-irtf-cfrg-partially-blind-rsa, section 4.6).</summary>
internal static class MetadataKey
{
    /// <summary>DerivePublicKey: the exponent, odd and of half the modulus' size.</summary>
    internal static byte[] DeriveExponent(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> metadata)
    {
        var size = modulus.Length / 2;
        byte[] input = [.. "key"u8, .. metadata, 0];
        var expanded = new byte[size + 16];
        HKDF.DeriveKey(HashAlgorithmName.SHA384, input, expanded, modulus, "PBRSA"u8);
        expanded[0] &= 0x3F;
        expanded[size - 1] |= 1;
        return expanded[..size];
    }

    /// <summary>The public key for metadata.</summary>
    internal static BlindRsaPublicKey Derive(BlindRsaPublicKey key, ReadOnlySpan<byte> metadata) =>
        new(key.ModulusBytes, DeriveExponent(key.ModulusBytes, metadata), key.SaltSize);

    /// <summary>What is signed: the message with the metadata before it.</summary>
    internal static byte[] Message(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> message)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, metadata.Length);
        return [.. "msg"u8, .. length, .. metadata, .. message];
    }
}
