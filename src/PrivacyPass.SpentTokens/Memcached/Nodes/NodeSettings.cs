using PrivacyPass.SpentTokens.Memcached.Fleet;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>What all servers of a store have in common.</summary>
internal sealed record NodeSettings(MemcachedOptions Options, MemcachedLinkOptions Link, SpendJournal Journal, FleetRecord Fleet, ISpentTokenMetrics Metrics, TimeProvider Time, ILogger Logger)
{
    private static readonly TimeSpan _firstReconnect = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longestReconnect = TimeSpan.FromSeconds(1);

    /// <summary>The event loops of who asks; empty for none.</summary>
    public IReadOnlyList<CheckLoop> Loops { get; init; } = [];

    /// <summary>How the connections that carry checks behave, in turn each on a loop of its own.</summary>
    public IEnumerable<MemcachedLinkOptions> Connections(MemcachedLinkOptions link) =>
        Enumerable.Range(0, Options.Connections(Loops.Count)).Select(number => Loops.Count == 0 ? link : link with { Loop = Loops[number % Loops.Count] });

    /// <summary>Told behind the names of servers: those of another placement may be the same ones.</summary>
    public string NameSuffix { get; init; } = "";

    /// <summary>Entries of the journal written at once: enough to fill a connection, few enough not to hold up live checks.</summary>
    public int ReplayChunk => Math.Clamp(Link.MaxInFlight / 2, 1, 256);

    /// <summary>Waits between connection attempts; short beside the grace, in which every proxy must come back.</summary>
    public Backoff ReconnectWaits()
    {
        var quarter = Options.SyncGrace / 4;
        return new Backoff(_firstReconnect, quarter < _longestReconnect ? quarter : _longestReconnect);
    }
}
