using Microsoft.Win32.SafeHandles;

namespace PrivacyPass.Native;

/// <summary>An owned BIGNUM, wiped when freed.</summary>
internal sealed class BigNumber : SafeHandleZeroOrMinusOneIsInvalid
{
    public BigNumber() : base(ownsHandle: true)
    {
    }

    /// <summary>Zero, for public values.</summary>
    internal static BigNumber Create() => LibCryptoError.ThrowIfInvalid(LibCrypto.BN_new());

    /// <summary>Zero, marked so that libcrypto takes its constant-time paths.</summary>
    internal static BigNumber CreateSecret()
    {
        var number = Create();
        LibCrypto.BN_set_flags(number, LibCrypto.BN_FLG_CONSTTIME);
        return number;
    }

    internal static BigNumber FromBytes(ReadOnlySpan<byte> bigEndian) => Load(Create(), bigEndian);

    internal static BigNumber SecretFromBytes(ReadOnlySpan<byte> bigEndian) => Load(CreateSecret(), bigEndian);

    internal static BigNumber FromHex(string hex) => FromBytes(Convert.FromHexString(hex));

    internal int BitLength => LibCrypto.BN_num_bits(this);

    internal bool IsZero => LibCrypto.BN_is_zero(this) == 1;

    internal bool IsOdd => LibCrypto.BN_is_odd(this) == 1;

    internal int CompareTo(BigNumber other) => LibCrypto.BN_cmp(this, other);

    /// <summary>Replaces the value; keeps the memory and the flags.</summary>
    internal void Load(ReadOnlySpan<byte> bigEndian) => LibCryptoError.ThrowIfNull(LibCrypto.BN_bin2bn(bigEndian, bigEndian.Length, this));

    /// <summary>Writes the value in exactly the size of the destination, padded with zeros in front, in a time independent of the value.</summary>
    internal void CopyTo(Span<byte> destination)
    {
        if (LibCrypto.BN_bn2binpad(this, destination, destination.Length) != destination.Length)
            LibCryptoError.Throw(nameof(LibCrypto.BN_bn2binpad));
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.BN_clear_free(handle);
        return true;
    }

    private static BigNumber Load(BigNumber number, ReadOnlySpan<byte> bigEndian)
    {
        try
        {
            number.Load(bigEndian);
            return number;
        }
        catch
        {
            number.Dispose();
            throw;
        }
    }
}
