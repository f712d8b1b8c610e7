using System.Security.Cryptography;

namespace PrivacyPass.Native;

/// <summary>Plain arithmetic on secret numbers for the making of RSA keys; all are wiped at its end. Not for two threads at once.</summary>
internal sealed class SecretNumbers : IDisposable
{
    private readonly BigNumberContext _context = BigNumberContext.Create();
    private readonly List<BigNumber> _owned = [];

    internal BigNumber FromBytes(ReadOnlySpan<byte> bigEndian)
    {
        var value = New();
        value.Load(bigEndian);
        return value;
    }

    internal BigNumber LessOne(BigNumber value)
    {
        var result = Copy(value);
        LibCryptoError.ThrowUnlessOne(LibCrypto.BN_sub_word(result, 1));
        return result;
    }

    /// <summary>Half of it, rounded down.</summary>
    internal BigNumber Half(BigNumber value)
    {
        var result = New();
        LibCryptoError.ThrowUnlessOne(LibCrypto.BN_rshift1(result, value));
        return result;
    }

    internal BigNumber Product(BigNumber left, BigNumber right)
    {
        var result = New();
        LibCryptoError.ThrowUnlessOne(LibCrypto.BN_mul(result, left, right, _context));
        return result;
    }

    /// <summary>The inverse modulo any number, even or odd.</summary>
    /// <exception cref="CryptographicException">There is none.</exception>
    internal BigNumber Invert(BigNumber value, BigNumber modulus)
    {
        var result = New();
        LibCryptoError.ThrowIfNull(LibCrypto.BN_mod_inverse(result, value, modulus, _context));
        return result;
    }

    internal bool IsPrime(BigNumber value) => LibCrypto.BN_is_prime_ex(value, 0, _context, 0) == 1;

    /// <summary>A random prime p with its two highest bits set, for which (p - 1) / 2 is prime too.</summary>
    internal BigNumber GenerateSafePrime(int bits)
    {
        var result = New();
        LibCryptoError.ThrowUnlessOne(LibCrypto.BN_generate_prime_ex(result, bits, 1, 0, 0, 0));
        return result;
    }

    /// <summary>The number in so many big-endian bytes; the caller clears them.</summary>
    internal static byte[] Bytes(BigNumber value, int size)
    {
        var bytes = new byte[size];
        value.CopyTo(bytes);
        return bytes;
    }

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
        _context.Dispose();
    }

    private BigNumber Copy(BigNumber value)
    {
        Span<byte> bytes = stackalloc byte[512];
        bytes = bytes[..((value.BitLength + 7) / 8)];
        value.CopyTo(bytes);
        var copy = FromBytes(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return copy;
    }

    private BigNumber New()
    {
        var value = BigNumber.CreateSecret();
        _owned.Add(value);
        return value;
    }
}
