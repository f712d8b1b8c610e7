namespace PrivacyProxy.Requests;

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
        ProxyStatusError.HttpProtocolError => "http_protocol_error",
        ProxyStatusError.HttpUpgradeFailed => "http_upgrade_failed",
        ProxyStatusError.ProxyInternalError => "proxy_internal_error",
        ProxyStatusError.ProxyConfigurationError => "proxy_configuration_error",
        ProxyStatusError.RateLimited => "rate_limited",
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
        ProxyStatusError.RateLimited => 429,
        _ => 502,
    };

    /// <summary>The field of a refusal. Its optional parameters must hold no client data; they are written as sf-strings.</summary>
    /// <param name="proxyName">Who refuses.</param>
    /// <param name="error">Why.</param>
    /// <param name="details">More, for people.</param>
    /// <param name="rcode">With dns_error: the name of the DNS response code (section 2.3.2).</param>
    public static KeyValuePair<string, string> Field(string proxyName, ProxyStatusError error, string? details = null, string? rcode = null) =>
        new(HeaderName, $"{proxyName}; error={Token(error)}{Parameter("rcode", rcode)}{Parameter("details", details)}");

    private static string Parameter(string name, string? value) => value is null ? "" : $"; {name}=\"{value}\"";
}
