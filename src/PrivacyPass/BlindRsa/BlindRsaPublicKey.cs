using PrivacyPass.Native;

namespace PrivacyPass.BlindRsa;

/// <summary>An RSA public key of any whole-byte size, ready for use: nothing is parsed or allocated per verification. Safe for concurrent use.</summary>
internal sealed class BlindRsaPublicKey : IDisposable
{
    /// <summary>Largest modulus supported, in bytes; it bounds the stack buffers.</summary>
    internal const int LargestModulus = 512;

    // 1024 bits; the encoding of a message needs 98 bytes.
    private const int SmallestModulus = 128;

    [ThreadStatic]
    private static VerificationScratch? _scratch;

    private readonly byte[] _modulusBytes;
    private readonly BigNumber _exponent;

    /// <summary>Takes a modulus with its top bit set and an odd exponent, both big-endian.</summary>
    internal BlindRsaPublicKey(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, int saltSize = EmsaPss.SaltSize)
    {
        SaltSize = saltSize;
        if (modulus.Length is < SmallestModulus or > LargestModulus || modulus[0] < 0x80 || (modulus[^1] & 1) == 0)
            throw new TokenIssuanceException("An RSA modulus must be odd, fill its bytes and have 1024 to 4096 bits.");
        _modulusBytes = modulus.ToArray();
        Modulus = new Modulus(modulus);
        _exponent = BigNumber.FromBytes(exponent);
    }

    /// <summary>The modulus for computations.</summary>
    internal Modulus Modulus { get; }

    /// <summary>The modulus, big-endian.</summary>
    internal ReadOnlySpan<byte> ModulusBytes => _modulusBytes;

    /// <summary>Size of the modulus in bytes.</summary>
    internal int Size => _modulusBytes.Length;

    /// <summary>Size of the salt of its signatures in bytes: 48 or 0.</summary>
    internal int SaltSize { get; }

    /// <summary>Size of the modulus in bits.</summary>
    internal int Bits => 8 * Size;

    /// <summary>True for a number of the modulus' size that is below it.</summary>
    internal bool IsInRange(ReadOnlySpan<byte> number) => number.Length == Size && number.SequenceCompareTo(_modulusBytes) < 0;

    /// <summary>RSAVP1 inside a computation whose values are secret.</summary>
    internal BigNumber Power(ModularScope scope, BigNumber value) => scope.Power(value, _exponent);

    /// <summary>RSAVP1 (RFC 8017, section 5.2.2) on public values; false when the signature is out of range.</summary>
    internal bool TryRaise(ReadOnlySpan<byte> signature, Span<byte> message)
    {
        if (!IsInRange(signature)) return false;
        var scratch = _scratch ??= new VerificationScratch();
        scratch.Value.Load(signature);
        LibCryptoError.ThrowUnlessOne(LibCrypto.BN_mod_exp_mont(
            scratch.Value, scratch.Value, _exponent, Modulus.Value, scratch.Context, Modulus.Montgomery));
        scratch.Value.CopyTo(message);
        return true;
    }

    /// <summary>RSASSA-PSS-VERIFY with SHA-384 and the key's salt (RFC 8017, section 8.1.2); false for any bytes that are no signature.</summary>
    internal bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> encoded = stackalloc byte[LargestModulus];
        encoded = encoded[..Size];
        return TryRaise(signature, encoded) && EmsaPss.Verify(message, SaltSize, Bits, encoded);
    }

    public void Dispose()
    {
        _exponent.Dispose();
        Modulus.Dispose();
    }

    /// <summary>What one thread needs for verifications; freed by its finalizers when the thread is gone.</summary>
    private sealed class VerificationScratch
    {
        internal BigNumberContext Context { get; } = BigNumberContext.Create();

        internal BigNumber Value { get; } = BigNumber.Create();
    }
}
