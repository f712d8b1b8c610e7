using Microsoft.Win32.SafeHandles;

namespace PrivacyPass.Native;

/// <summary>An owned EVP_PKEY_CTX.</summary>
internal sealed class EvpKeyContext : SafeHandleZeroOrMinusOneIsInvalid
{
    public EvpKeyContext() : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_CTX_free(handle);
        return true;
    }
}
