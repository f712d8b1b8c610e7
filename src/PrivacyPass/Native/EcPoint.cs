using Microsoft.Win32.SafeHandles;

namespace PrivacyPass.Native;

/// <summary>An owned EC_POINT, wiped when freed.</summary>
internal sealed class EcPoint : SafeHandleZeroOrMinusOneIsInvalid
{
    public EcPoint() : base(ownsHandle: true)
    {
    }

    internal static EcPoint Create(EcGroup group) => LibCryptoError.ThrowIfInvalid(LibCrypto.EC_POINT_new(group));

    protected override bool ReleaseHandle()
    {
        LibCrypto.EC_POINT_clear_free(handle);
        return true;
    }
}
