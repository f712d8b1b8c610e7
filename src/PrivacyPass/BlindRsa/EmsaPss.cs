using System.Security.Cryptography;
using PrivacyPass.Native;

namespace PrivacyPass.BlindRsa;

/// <summary>EMSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes or of none (RFC 8017, section 9.1).</summary>
internal static class EmsaPss
{
    /// <summary>The salt of all keys but those that say zero.</summary>
    internal const int SaltSize = 48;
    private const int HashSize = SHA384.HashSizeInBytes;

    /// <summary>Size of an encoded message for a modulus of so many bits (emLen of emBits = bits - 1).</summary>
    internal static int EncodedSize(int modulusBits) => (modulusBits - 1 + 7) / 8;

    /// <summary>EMSA-PSS-ENCODE into all of <paramref name="encoded"/>, which has <see cref="EncodedSize"/> bytes.</summary>
    internal static void Encode(ReadOnlySpan<byte> message, ReadOnlySpan<byte> salt, int modulusBits, Span<byte> encoded)
    {
        var block = encoded[..^(HashSize + 1)];
        var hash = encoded.Slice(block.Length, HashSize);
        SaltedHash(message, salt, hash);
        block.Clear();
        block[^(salt.Length + 1)] = 0x01;
        salt.CopyTo(block[^salt.Length..]);
        ApplyMask(hash, block);
        block[0] &= TopMask(modulusBits);
        encoded[^1] = 0xBC;
    }

    /// <summary>EMSA-PSS-VERIFY; unmasks <paramref name="encoded"/> in place.</summary>
    internal static bool Verify(ReadOnlySpan<byte> message, int saltSize, int modulusBits, Span<byte> encoded)
    {
        var block = encoded[..^(HashSize + 1)];
        var hash = encoded.Slice(block.Length, HashSize);
        var topMask = TopMask(modulusBits);
        if (encoded[^1] != 0xBC || (block[0] & ~topMask) != 0) return false;

        ApplyMask(hash, block);
        block[0] &= topMask;
        var padding = block[..^(saltSize + 1)];
        if (padding.ContainsAnyExcept((byte)0) || block[padding.Length] != 0x01) return false;

        Span<byte> expected = stackalloc byte[HashSize];
        SaltedHash(message, block[^saltSize..], expected);
        return CryptographicOperations.FixedTimeEquals(hash, expected);
    }

    /// <summary>H = Hash(eight zeros || Hash(message) || salt).</summary>
    private static void SaltedHash(ReadOnlySpan<byte> message, ReadOnlySpan<byte> salt, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[8 + HashSize + SaltSize];
        input[..8].Clear();
        Sha384.HashData(message, input.Slice(8, HashSize));
        salt.CopyTo(input[(8 + HashSize)..]);
        Sha384.HashData(input[..(8 + HashSize + salt.Length)], hash);
    }

    /// <summary>Exclusive-ors the block with MGF1 of the seed (RFC 8017, appendix B.2.1).</summary>
    private static void ApplyMask(ReadOnlySpan<byte> seed, Span<byte> block)
    {
        Span<byte> input = stackalloc byte[HashSize + 4];
        Span<byte> mask = stackalloc byte[HashSize];
        seed.CopyTo(input);
        input[HashSize..].Clear();
        while (!block.IsEmpty)
        {
            Sha384.HashData(input, mask);
            var count = Math.Min(block.Length, HashSize);
            for (var i = 0; i < count; i++) block[i] ^= mask[i];
            block = block[count..];
            // The counter is four bytes; a block has at most a few hundred, so one byte of it is enough.
            input[^1]++;
        }
    }

    /// <summary>Clears the bits of the first byte that lie above emBits.</summary>
    private static byte TopMask(int modulusBits) => (byte)(0xFF >> (8 * EncodedSize(modulusBits) - (modulusBits - 1)));
}
