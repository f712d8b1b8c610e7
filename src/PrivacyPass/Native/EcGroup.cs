using Microsoft.Win32.SafeHandles;

namespace PrivacyPass.Native;

/// <summary>An owned EC_GROUP. Read-only once made, so shared by threads.</summary>
internal sealed class EcGroup : SafeHandleZeroOrMinusOneIsInvalid
{
    public EcGroup() : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EC_GROUP_free(handle);
        return true;
    }
}
