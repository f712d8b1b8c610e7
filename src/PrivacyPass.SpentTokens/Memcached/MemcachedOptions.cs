using System.ComponentModel.DataAnnotations;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached;

/// <summary>The memcached servers and how they are used; see docs/spent-tokens.md.</summary>
public sealed class MemcachedOptions : IValidatableObject
{
    /// <summary>What <see cref="Markers"/> is when not set.</summary>
    internal const int UsualMarkers = 512;

    private const int MostServers = 256;
    private const int FewestMarkers = 16;
    private const int MostReplicas = 15;

    /// <summary>Whether <see cref="Servers"/> are memcacheds, or routers in front of them.</summary>
    public MemcachedTopology Topology { get; set; }

    /// <summary>To one server.</summary>
    private const int MaxConnections = 16;

    /// <summary>The servers: host:port, [v6]:port or unix:/path. Every proxy must list the same ones, spelt alike: the spelling decides who holds which token.</summary>
    public IList<string> Servers { get; set; } = [];

    /// <summary>On how many servers each spent token is written; a spend needs more than half of them.</summary>
    public int Replicas { get; set; } = 1;

    /// <summary>Connections to each server; when not set, one for each event loop (one without the engine), and to a router at least four.</summary>
    [Range(1, MaxConnections)]
    public int? ConnectionsPerNode { get; set; }

    /// <summary>The longest a check waits for an answer; 250 ms of a node, 1500 ms of a router when not set.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan? Deadline { get; set; }

    /// <summary>In front of a router: the parts into which the keys are divided, each on one server behind it together with a marker that shows whether that has lost its memory. At least 16 for each of them. The same on every proxy.</summary>
    [Range(FewestMarkers, KeyTag.Most)]
    public int Markers { get; set; } = UsualMarkers;

    /// <summary>A server that owes an answer for so long is not asked until it answers again; <see cref="Deadline"/> when not set.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan? StallTimeout { get; set; }

    /// <summary>The longest a connection attempt takes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often each connection is probed and the server's marker read.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a server that lost its memory has no vote, for every proxy to write its spends again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SyncGrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The accepted spends kept for servers that lost or missed them, 40 bytes each.</summary>
    [Range(1_000, 50_000_000)]
    public int JournalCapacity { get; set; } = 1_000_000;

    /// <summary>Commands without an answer on a connection; checks beyond are refused.</summary>
    [Range(1, 1_000_000)]
    public int MaxInFlight { get; set; } = 8192;

    /// <summary>How much longer than the issuer key entries are kept, for clocks that differ.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan ExpiryMargin { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What the keys in memcached begin with. The same on every proxy.</summary>
    public string KeyPrefix { get; set; } = "pp:";

    /// <summary>TLS to the servers.</summary>
    public MemcachedTlsOptions Tls { get; set; } = new();

    /// <summary>Where tokens were before, while a fleet moves: set with its servers, they are spent there too.</summary>
    public MemcachedPlacementOptions Previous { get; set; } = new();

    /// <summary><see cref="Deadline"/> or what stands for it. A router gives up on a server behind it only after a while: mcrouter after a second.</summary>
    internal TimeSpan AnswerWithin => Deadline ?? (Topology == MemcachedTopology.Router ? TimeSpan.FromMilliseconds(1500) : TimeSpan.FromMilliseconds(250));

    /// <summary><see cref="StallTimeout"/> or what stands for it.</summary>
    internal TimeSpan StallAfter => StallTimeout ?? AnswerWithin;

    /// <summary><see cref="ConnectionsPerNode"/> or what stands for it. To a router more: the replies of one connection wait for the slowest server.</summary>
    /// <param name="loops">How many event loops there are; 0 for none.</param>
    internal int Connections(int loops) => ConnectionsPerNode ?? Math.Clamp(loops, Topology == MemcachedTopology.Router ? 4 : 1, MaxConnections);

    /// <summary>How many tags there are in keys: 0 for nodes, whose keys need none.</summary>
    internal int KeyTags => Topology == MemcachedTopology.Router ? Markers : 0;

    /// <summary><see cref="Servers"/> parsed, in the order all proxies agree on.</summary>
    internal IReadOnlyList<MemcachedEndpoint> Endpoints =>
    [
        .. Servers.Select(static text => MemcachedEndpoint.TryParse(text, out var endpoint) ? endpoint : null).OfType<MemcachedEndpoint>()
            .OrderBy(static endpoint => endpoint.ToString(), StringComparer.Ordinal),
    ];

    /// <summary>These options with the servers, replicas, prefix and markers of <see cref="Previous"/>.</summary>
    internal MemcachedOptions BeforeMoving()
    {
        var before = (MemcachedOptions)MemberwiseClone();
        (before.Servers, before.Replicas, before.KeyPrefix, before.Markers, before.Previous) = (Previous.Servers, Previous.Replicas, Previous.KeyPrefix, Previous.Markers, new());
        return before;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Servers.Count > MostServers) yield return new ValidationResult($"at most {MostServers} servers", [nameof(Servers)]);
        for (var i = 0; i < Servers.Count; i++)
        {
            if (!MemcachedEndpoint.TryParse(Servers[i], out _))
                yield return new ValidationResult("host:port, [v6]:port or unix:/path", [$"{nameof(Servers)}:{i}"]);
            else if (Servers.Take(i).Contains(Servers[i], StringComparer.OrdinalIgnoreCase))
                yield return new ValidationResult("a server that is not in the list already", [$"{nameof(Servers)}:{i}"]);
        }
        if (Replicas is < 1 or > MostReplicas || Replicas % 2 == 0)
            yield return new ValidationResult($"an odd number from 1 to {MostReplicas} (a spend needs more than half: with an even number one more server would have to work, for nothing)", [nameof(Replicas)]);
        else if (Servers.Count > 0 && Replicas > Servers.Count)
            yield return new ValidationResult($"at most the number of servers, {Servers.Count}", [nameof(Replicas)]);
        if (!MemcachedLinkOptions.IsKeyPrefix(KeyPrefix, KeyTags > 0))
        {
            yield return new ValidationResult(KeyTags > 0
                ? $"in front of a router at most {MemcachedLinkOptions.LongestTaggedKeyPrefix} printable ASCII characters without spaces and |, which ends the part of a key that routers go by"
                : $"at most {MemcachedLinkOptions.LongestKeyPrefix} printable ASCII characters without spaces", [nameof(KeyPrefix)]);
        }
        if (Previous.Servers.Count > 0)
        {
            if (Previous.KeyPrefix == KeyPrefix)
                yield return new ValidationResult($"another prefix than that of {nameof(Previous)}: a server may be in both lists", [nameof(KeyPrefix)]);
            if (Previous.Markers is not 0 and (< FewestMarkers or > KeyTag.Most))
                yield return new ValidationResult($"0, or {FewestMarkers} to {KeyTag.Most}", [$"{nameof(Previous)}:{nameof(Previous.Markers)}"]);
            foreach (var problem in BeforeMoving().Validate(validationContext))
                if (!problem.MemberNames.Contains(nameof(SyncGrace), StringComparer.Ordinal))
                    yield return new ValidationResult(problem.ErrorMessage, [.. problem.MemberNames.Select(static name => $"{nameof(Previous)}:{name}")]);
        }
        // Within the grace of the first proxy that sees the loss, every other one must see it too (an idle one at its next probe),
        // come through, and have time to write its spends again.
        var shortest = HealthInterval + 2 * ConnectTimeout;
        if (SyncGrace < shortest)
            yield return new ValidationResult($"at least {nameof(HealthInterval)} and twice {nameof(ConnectTimeout)} together, {shortest:c}", [nameof(SyncGrace)]);
    }
}
