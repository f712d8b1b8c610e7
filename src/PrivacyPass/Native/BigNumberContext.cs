using Microsoft.Win32.SafeHandles;

namespace PrivacyPass.Native;

/// <summary>An owned BN_CTX, libcrypto's room for temporaries. Not for two threads at once.</summary>
internal sealed class BigNumberContext : SafeHandleZeroOrMinusOneIsInvalid
{
    public BigNumberContext() : base(ownsHandle: true)
    {
    }

    internal static BigNumberContext Create() => LibCryptoError.ThrowIfInvalid(LibCrypto.BN_CTX_new());

    protected override bool ReleaseHandle()
    {
        LibCrypto.BN_CTX_free(handle);
        return true;
    }
}
