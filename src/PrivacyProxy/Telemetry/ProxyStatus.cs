using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Telemetry;

/// <summary>Writes Proxy-Status fields (RFC 9209): <c>name; error=token</c>.</summary>
internal static class ProxyStatus
{
    public const string HeaderName = "Proxy-Status";

    /// <summary>The token of an error as registered, also the metric label <c>error</c>.</summary>
    public static string Token(ProxyStatusError error) => error switch
    {
        ProxyStatusError.DnsTimeout => "dns_timeout",
        ProxyStatusError.DnsError => "dns_error",
        ProxyStatusError.DestinationNotFound => "destination_not_found",
        ProxyStatusError.DestinationUnavailable => "destination_unavailable",
        ProxyStatusError.DestinationIpProhibited => "destination_ip_prohibited",
        ProxyStatusError.DestinationIpUnroutable => "destination_ip_unroutable",
        ProxyStatusError.ConnectionRefused => "connection_refused",
        ProxyStatusError.ConnectionTerminated => "connection_terminated",
        ProxyStatusError.ConnectionTimeout => "connection_timeout",
        ProxyStatusError.ConnectionReadTimeout => "connection_read_timeout",
        ProxyStatusError.ConnectionLimitReached => "connection_limit_reached",
        ProxyStatusError.HttpRequestError => "http_request_error",
        ProxyStatusError.HttpRequestDenied => "http_request_denied",
        ProxyStatusError.HttpUpgradeFailed => "http_upgrade_failed",
        ProxyStatusError.ProxyInternalError => "proxy_internal_error",
        ProxyStatusError.ProxyConfigurationError => "proxy_configuration_error",
        ProxyStatusError.ProxyLoopDetected => "proxy_loop_detected",
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, "Not an error."),
    };

    /// <summary>The status recommended for an error (RFC 9209, section 2.3).</summary>
    public static int RecommendedStatus(ProxyStatusError error) => error switch
    {
        ProxyStatusError.DnsTimeout or ProxyStatusError.ConnectionTimeout or ProxyStatusError.ConnectionReadTimeout => 504,
        ProxyStatusError.DestinationNotFound or ProxyStatusError.ProxyInternalError or ProxyStatusError.ProxyConfigurationError => 500,
        ProxyStatusError.DestinationUnavailable or ProxyStatusError.ConnectionLimitReached => 503,
        ProxyStatusError.HttpRequestError => 400,
        ProxyStatusError.HttpRequestDenied => 403,
        _ => 502,
    };

    /// <summary>The field of a refusal. <paramref name="details"/> is optional and must hold no client data; it is written as an sf-string.</summary>
    public static KeyValuePair<string, string> Field(string proxyName, ProxyStatusError error, string? details = null) =>
        new(HeaderName, details is null
            ? $"{proxyName}; error={Token(error)}"
            : $"{proxyName}; error={Token(error)}; details=\"{details}\"");

    /// <summary>A refusal with the status recommended for its error.</summary>
    public static TunnelAnswer Refusal(string proxyName, ProxyStatusError error, string? details = null) =>
        new(RecommendedStatus(error), Field(proxyName, error, details));
}
