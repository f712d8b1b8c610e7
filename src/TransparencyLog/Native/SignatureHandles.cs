using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace TransparencyLog.Native;

/// <summary>An owned EVP_PKEY. Safe for concurrent use.</summary>
internal sealed class SignatureKey : SafeHandleZeroOrMinusOneIsInvalid
{
    public SignatureKey() : base(ownsHandle: true) { }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }
}

/// <summary>An owned EVP_MD_CTX: one signature or one check.</summary>
internal sealed class SignatureContext : SafeHandleZeroOrMinusOneIsInvalid
{
    public SignatureContext() : base(ownsHandle: true) { }

    /// <exception cref="CryptographicException">There is no memory.</exception>
    public static SignatureContext Create()
    {
        var context = LibCrypto.EVP_MD_CTX_new();
        return context.IsInvalid ? throw new CryptographicException("libcrypto failed in EVP_MD_CTX_new.") : context;
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_MD_CTX_free(handle);
        return true;
    }
}
