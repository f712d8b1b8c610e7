using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyRelay.Configuration;

/// <summary>The settings of a relay; <see cref="RelayOptionsValidator"/> says what is allowed.</summary>
internal sealed class RelayOptions
{
    public const int DefaultMaxConnections = 1024;

    public static readonly TimeSpan DefaultHandshakeTimeout = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromMinutes(10);

    public const int DefaultMaxUdpAssociations = 128;

    public const int DefaultMaxUdpDestinations = 128;

    public static readonly TimeSpan DefaultUdpIdleTimeout = TimeSpan.FromMinutes(2);

    public static readonly TokensAhead DefaultTokensAhead = new(Low: 4, High: 16);

    /// <summary>Where local programs connect, SOCKS5 and HTTP alike. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 1080);

    /// <summary>One proxy, or two in the order they are passed.</summary>
    public required IReadOnlyList<HopOptions> Hops { get; init; }

    /// <summary>What is spoken to the proxies.</summary>
    public UpstreamVersion Upstream { get; init; } = UpstreamVersion.Auto;

    /// <summary>Roots trusted for proxies and issuers besides those of the system; empty for none.</summary>
    public X509Certificate2Collection TrustedRoots { get; init; } = [];

    /// <summary>Sent as sec-ch-geohash to the last proxy, which leaves from near there; null for none.</summary>
    public string? Geohash { get; init; }

    /// <summary>Local connections at a time; more wait in the listen queue.</summary>
    public int MaxConnections { get; init; } = DefaultMaxConnections;

    /// <summary>How long a local program may take to say where it wants to go.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = DefaultHandshakeTimeout;

    /// <summary>How long opening a tunnel may take over all hops, tokens and retries.</summary>
    public TimeSpan ConnectTimeout { get; init; } = DefaultConnectTimeout;

    /// <summary>A tunnel in which nothing moves for so long is cut.</summary>
    public TimeSpan IdleTimeout { get; init; } = DefaultIdleTimeout;

    /// <summary>UDP associations of SOCKS5 at a time; more are refused.</summary>
    public int MaxUdpAssociations { get; init; } = DefaultMaxUdpAssociations;

    /// <summary>Destinations of one UDP association at a time, each with a tunnel; datagrams to more are dropped.</summary>
    public int MaxUdpDestinations { get; init; } = DefaultMaxUdpDestinations;

    /// <summary>The tunnel to a UDP destination in which nothing moves for so long is closed.</summary>
    public TimeSpan UdpIdleTimeout { get; init; } = DefaultUdpIdleTimeout;

    /// <summary>Tokens fetched ahead for each proxy.</summary>
    public TokensAhead TokensAhead { get; init; } = DefaultTokensAhead;
}
