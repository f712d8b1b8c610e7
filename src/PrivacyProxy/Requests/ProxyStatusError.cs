namespace PrivacyProxy.Requests;

/// <summary>The error types of Proxy-Status the proxy uses (RFC 9209, section 2.3).</summary>
internal enum ProxyStatusError
{
    None = 0,
    DnsTimeout,
    DnsError,
    DestinationNotFound,
    DestinationUnavailable,
    DestinationIpProhibited,
    DestinationIpUnroutable,
    ConnectionRefused,
    ConnectionTerminated,
    ConnectionTimeout,
    ConnectionReadTimeout,
    ConnectionLimitReached,
    HttpRequestError,
    HttpRequestDenied,
    HttpProtocolError,
    HttpUpgradeFailed,
    ProxyInternalError,
    ProxyConfigurationError,
    ProxyLoopDetected,

    /// <summary>Not of RFC 9209: what Cloudflare's proxies say.</summary>
    RateLimited,
}
