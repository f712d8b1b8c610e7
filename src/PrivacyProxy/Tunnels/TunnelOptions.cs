namespace PrivacyProxy.Tunnels;

/// <summary>Limits of tunnels: section <c>PrivacyProxy:Tunnels</c>.</summary>
internal sealed class TunnelOptions
{
    public const string SectionName = "PrivacyProxy:Tunnels";

    /// <summary>The name the proxy gives itself in Proxy-Status (RFC 9209): a token, no client data.</summary>
    public string ProxyName { get; set; } = "privacy-proxy";

    /// <summary>Tunnels open or being opened at once, over all listeners; one more is refused with 503 before its token is looked at.</summary>
    public int MaxTunnels { get; set; } = 100_000;

    /// <summary>A tunnel that moves no byte either way for so long is closed. Counted in whole seconds.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The same once one side has ended: what is left may be a peer that is gone.</summary>
    public TimeSpan HalfClosedTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A connect-udp tunnel without a datagram either way for so long is closed (RFC 9298, section 3.1: not under two minutes). Counted in whole seconds.</summary>
    public TimeSpan UdpIdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Of <see cref="MaxTunnels"/>, how many may be connect-udp; each holds one socket. One more is refused with 503 before its token is looked at.</summary>
    public int MaxUdpTunnels { get; set; } = 20_000;

    /// <summary>Path and query where connect-udp is served, a URI template with target_host and target_port (RFC 9298, section 2), besides the default one.</summary>
    public string? UdpTemplate { get; set; }

    /// <summary>The same for connect-tcp.</summary>
    public string? TcpTemplate { get; set; }

    /// <summary>
    /// On HTTP/3, how long after the origin's last byte the client may still send.
    /// Kestrel hides the client's bytes from then on, so it only lets what is on its way arrive.
    /// </summary>
    public TimeSpan Http3OriginClosedGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>HTTP/1.1: from the first byte of a request to the end of its head; also how long a new connection may stay silent.</summary>
    public TimeSpan RequestHeadTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>HTTP/1.1: bytes of request line and fields together; more is refused with 431.</summary>
    public int MaxRequestHeadSize { get; set; } = 32 * 1024;

    /// <summary>HTTP/1.1: fields of a request; more are refused with 431.</summary>
    public int MaxRequestFields { get; set; } = 100;

    /// <summary>HTTP/1.1: after a refusal, how long the client may take to read it before the connection is cut.</summary>
    public TimeSpan RefusalLinger { get; set; } = TimeSpan.FromSeconds(2);
}
