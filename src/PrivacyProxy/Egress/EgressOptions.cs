using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Egress.Places;
using PrivacyProxy.Egress.Policy;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress;

/// <summary>Where tunnels may go and how they are dialled: section <c>PrivacyProxy:Egress</c>.</summary>
internal sealed class EgressOptions : IValidatableObject
{
    /// <summary>Permits loopback, private, shared (100.64/10), unique-local and own addresses; for tests. Default: false.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Destination ports, separated by commas, or <c>any</c>. Default: <c>443,80</c>.</summary>
    public string AllowedPorts { get; set; } = "443,80";

    /// <summary>
    /// If any: the only destinations, each a name, the names below one (<c>*.example</c>), an address or a CIDR prefix, with a port or without;
    /// everything else is refused with <c>http_request_denied</c>. For the first of two hops, which leads to the second only. Ports have to be
    /// among <see cref="AllowedPorts"/> too. Default: none, all may be dialled that the rest of this section permits.
    /// </summary>
    public IList<string> AllowedDestinations { get; set; } = [];

    /// <summary>Prefixes refused besides the built-in ones, such as <c>203.0.113.0/24</c> or one address. Stronger than <see cref="Allow"/>. Default: none.</summary>
    public IList<string> Deny { get; set; } = [];

    /// <summary>Prefixes permitted although a built-in rule refuses them; multicast, unspecified and broadcast stay refused. Default: none.</summary>
    public IList<string> Allow { get; set; } = [];

    /// <summary>Time to resolve and connect, over all addresses. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long IPv4 answers wait for IPv6 answers (RFC 8305, section 3). Default: 50 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:02")]
    public TimeSpan ResolutionDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long an attempt runs alone before the next address is tried beside it (RFC 8305, section 5). Default: 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:00:02")]
    public TimeSpan ConnectionAttemptDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Idle time before TCP keep-alive probes; zero turns them off. Default: 60 s.</summary>
    public TimeSpan KeepAliveTime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The DNS resolver.</summary>
    public ResolverOptions Resolver { get; set; } = new();

    /// <summary>Source addresses by place; the pool with neither prefix nor country is the default. Default: none, the system chooses.</summary>
    public IList<PoolOptions> Pools { get; set; } = [];

    /// <summary>Where clients are, which chooses among the pools.</summary>
    public PlaceOptions Places { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!PortSet.TryParse(AllowedPorts, out _)) yield return new ValidationResult("any, or port numbers from 1 to 65535 separated by commas", [nameof(AllowedPorts)]);
        for (var i = 0; i < AllowedDestinations.Count; i++)
            if (!DestinationRule.TryParse(AllowedDestinations[i], out _)) yield return new ValidationResult(DestinationRule.Expected, [$"{nameof(AllowedDestinations)}:{i}"]);
        foreach (var (key, prefixes) in new[] { (nameof(Deny), Deny), (nameof(Allow), Allow) })
            for (var i = 0; i < prefixes.Count; i++)
                if (!AddressPrefix.TryParse(prefixes[i], out _)) yield return new ValidationResult("a CIDR prefix such as 203.0.113.0/24 or 2001:db8::/32, or one address", [$"{key}:{i}"]);
        if (KeepAliveTime != TimeSpan.Zero && (KeepAliveTime < TimeSpan.FromSeconds(1) || KeepAliveTime > TimeSpan.FromHours(9)))
            yield return new ValidationResult("00:00:00 (off), or 00:00:01 to 09:00:00", [nameof(KeepAliveTime)]);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < Pools.Count; i++)
            if (!seen.Add($"{Pools[i].Geohash}-{Pools[i].Country}"))
                yield return new ValidationResult("each pair of Geohash and Country once, with all its addresses in one pool", [$"{nameof(Pools)}:{i}:{nameof(PoolOptions.Geohash)}"]);
    }
}
