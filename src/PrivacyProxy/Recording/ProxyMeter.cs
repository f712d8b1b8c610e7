namespace PrivacyProxy.Recording;

/// <summary>The meter of the proxy's own instruments; each feature makes those it records.</summary>
internal static class ProxyMeter
{
    public const string Name = "PrivacyProxy";
}
