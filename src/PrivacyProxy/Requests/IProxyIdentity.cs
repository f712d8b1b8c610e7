namespace PrivacyProxy.Requests;

/// <summary>What the proxy calls itself, in the one place where that is decided.</summary>
internal interface IProxyIdentity
{
    /// <summary>The authority by which clients reach it, as configured; null when it was not told.</summary>
    string? Name { get; }

    /// <summary>The name in Proxy-Status (RFC 9209): an sf-token.</summary>
    string StatusName { get; }

    /// <summary>The origin_info of challenges (RFC 9577, section 2.1.1).</summary>
    string OriginInfo { get; }
}
