using Microsoft.Win32.SafeHandles;

namespace PrivacyPass.Native;

/// <summary>An owned EVP_PKEY with an RSA private key. Safe for concurrent use.</summary>
internal sealed class EvpKey : SafeHandleZeroOrMinusOneIsInvalid
{
    public EvpKey() : base(ownsHandle: true)
    {
    }

    /// <summary>Reads a PKCS#1 RSAPrivateKey.</summary>
    internal static unsafe EvpKey FromRsaPrivateKey(ReadOnlySpan<byte> pkcs1)
    {
        fixed (byte* start = pkcs1)
        {
            var position = (nint)start;
            return LibCryptoError.ThrowIfInvalid(LibCrypto.d2i_AutoPrivateKey(0, ref position, pkcs1.Length));
        }
    }

    /// <summary>RSA's private operation without padding (RSASP1), with libcrypto's base blinding and constant-time exponentiation.</summary>
    internal void RawPrivateOperation(ReadOnlySpan<byte> input, Span<byte> output)
    {
        using var context = LibCryptoError.ThrowIfInvalid(LibCrypto.EVP_PKEY_CTX_new(this, 0));
        LibCryptoError.ThrowUnlessOne(LibCrypto.EVP_PKEY_decrypt_init(context));
        LibCryptoError.ThrowUnlessOne(
            LibCrypto.EVP_PKEY_CTX_ctrl(context, -1, -1, LibCrypto.EVP_PKEY_CTRL_RSA_PADDING, LibCrypto.RSA_NO_PADDING, 0));
        var written = (nuint)output.Length;
        LibCryptoError.ThrowUnlessOne(LibCrypto.EVP_PKEY_decrypt(context, output, ref written, input, (nuint)input.Length));
        if (written != (nuint)output.Length) LibCryptoError.Throw(nameof(LibCrypto.EVP_PKEY_decrypt));
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }
}
