using PrivacyProxy.Configuration;
using PrivacyRelay.Configuration;

namespace PrivacyProxy.Commands.Relay;

/// <summary>The section <c>PrivacyRelay</c>; what is allowed says <see cref="RelayOptionsValidator"/>.</summary>
internal sealed class RelaySettings
{
    public const string Section = "PrivacyRelay";

    /// <summary>Address and port for local programs.</summary>
    public string Listen { get; set; } = "127.0.0.1:1080";

    /// <summary>URLs of one proxy or two, the nearer one first.</summary>
    public IList<string> Proxies { get; set; } = [];

    /// <summary>The version of HTTP spoken to the proxies.</summary>
    public UpstreamVersion Upstream { get; set; } = UpstreamVersion.Auto;

    /// <summary>URLs of the issuers of their tokens: one for each proxy, or one for all.</summary>
    public IList<string> Issuers { get; set; } = [];

    /// <summary>Keys instead of tokens: one for each proxy, or one for all.</summary>
    [Secret]
    public IList<string> PresharedKeys { get; set; } = [];

    /// <summary>A PEM file of authorities to trust besides those of the system.</summary>
    public string? ProxyCa { get; set; }

    /// <summary>Where the last proxy shall leave.</summary>
    public string? Geohash { get; set; }

    /// <summary>Local connections at a time.</summary>
    public int MaxConnections { get; set; } = RelayOptions.DefaultMaxConnections;

    /// <summary>How long a local program may take to say where it wants to go.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = RelayOptions.DefaultHandshakeTimeout;

    /// <summary>How long opening a tunnel may take over all hops, tokens and retries.</summary>
    public TimeSpan ConnectTimeout { get; set; } = RelayOptions.DefaultConnectTimeout;

    /// <summary>A tunnel in which nothing moves for so long is cut.</summary>
    public TimeSpan IdleTimeout { get; set; } = RelayOptions.DefaultIdleTimeout;

    /// <summary>UDP associations of SOCKS5 at a time.</summary>
    public int MaxUdpAssociations { get; set; } = RelayOptions.DefaultMaxUdpAssociations;

    /// <summary>Destinations of one UDP association at a time.</summary>
    public int MaxUdpDestinations { get; set; } = RelayOptions.DefaultMaxUdpDestinations;

    /// <summary>The tunnel to a UDP destination in which nothing moves for so long is closed.</summary>
    public TimeSpan UdpIdleTimeout { get; set; } = RelayOptions.DefaultUdpIdleTimeout;

    /// <summary>With fewer tokens than these the wallet fetches more.</summary>
    public int TokensLow { get; set; } = RelayOptions.DefaultTokensAhead.Low;

    /// <summary>The most tokens the wallet holds for a challenge.</summary>
    public int TokensHigh { get; set; } = RelayOptions.DefaultTokensAhead.High;
}
