using Microsoft.Win32.SafeHandles;

namespace PrivacyPass.Native;

/// <summary>An owned BN_MONT_CTX: what modular exponentiation derives from a modulus, kept. Read-only once made, so shared by threads.</summary>
internal sealed class MontgomeryContext : SafeHandleZeroOrMinusOneIsInvalid
{
    public MontgomeryContext() : base(ownsHandle: true)
    {
    }

    internal static MontgomeryContext Create(BigNumber oddModulus)
    {
        using var context = BigNumberContext.Create();
        var montgomery = LibCryptoError.ThrowIfInvalid(LibCrypto.BN_MONT_CTX_new());
        if (LibCrypto.BN_MONT_CTX_set(montgomery, oddModulus, context) == 1) return montgomery;
        montgomery.Dispose();
        LibCryptoError.Throw(nameof(LibCrypto.BN_MONT_CTX_set));
        return montgomery;
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.BN_MONT_CTX_free(handle);
        return true;
    }
}
