using System.ComponentModel.DataAnnotations;
using Masque.Templates;

namespace PrivacyProxy.Tunnels;

/// <summary>Limits of tunnels: section <c>PrivacyProxy:Tunnels</c>.</summary>
internal sealed class TunnelOptions : IValidatableObject
{
    /// <summary>The name the proxy gives itself in Proxy-Status (RFC 9209): a token. Default: Name where that is a token, else <c>privacy-proxy</c>.</summary>
    [RegularExpression("[A-Za-z][A-Za-z0-9._-]*", ErrorMessage = "a letter, then letters, digits, '-', '.' or '_' (RFC 9209)")]
    public string? ProxyName { get; set; }

    /// <summary>Tunnels open or being opened at once, over all listeners; one more is refused with 503 before its token is looked at.</summary>
    [Range(1, 10_000_000)]
    public int MaxTunnels { get; set; } = 100_000;

    /// <summary>A tunnel that moves no byte either way for so long is closed. Counted in whole seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The same once one side has ended: what is left may be a peer that is gone.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan HalfClosedTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A connect-udp tunnel without a datagram either way for so long is closed (RFC 9298, section 3.1: not under two minutes). Counted in whole seconds.</summary>
    [Range(typeof(TimeSpan), "00:02:00", "1.00:00:00")]
    public TimeSpan UdpIdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Of <see cref="MaxTunnels"/>, how many may be connect-udp; each holds one socket. One more is refused with 503 before its token is looked at.</summary>
    [Range(0, 10_000_000)]
    public int MaxUdpTunnels { get; set; } = 20_000;

    /// <summary>Path and query where connect-udp is served, a URI template with target_host and target_port (RFC 9298, section 2), besides the default one.</summary>
    public string? UdpTemplate { get; set; }

    /// <summary>The same for connect-tcp.</summary>
    public string? TcpTemplate { get; set; }

    /// <summary>
    /// On HTTP/3, how long after the origin's last byte the client may still send.
    /// Kestrel hides the client's bytes from then on, so it only lets what is on its way arrive.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Http3OriginClosedGrace { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>HTTP/1.1: from the first byte of a request to the end of its head; also how long a new connection may stay silent.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan RequestHeadTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>HTTP/1.1: bytes of request line and fields together; more is refused with 431.</summary>
    [Range(1024, 256 * 1024)]
    public int MaxRequestHeadSize { get; set; } = 32 * 1024;

    /// <summary>HTTP/1.1: fields of a request; more are refused with 431.</summary>
    [Range(1, 1000)]
    public int MaxRequestFields { get; set; } = 100;

    /// <summary>HTTP/1.1: after a refusal, how long the client may take to read it before the connection is cut.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan RefusalLinger { get; set; } = TimeSpan.FromSeconds(2);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (key, template) in new[] { (nameof(UdpTemplate), UdpTemplate), (nameof(TcpTemplate), TcpTemplate) })
            if (!string.IsNullOrEmpty(template) && !TargetTemplate.TryParse(template, out _))
                yield return new ValidationResult("a path with {target_host} and {target_port}, such as /masque/{target_host}/{target_port}/ or /masque{?target_host,target_port}", [key]);
    }
}
