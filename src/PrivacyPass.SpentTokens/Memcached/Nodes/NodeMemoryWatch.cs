using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>
/// Warns when a server may forget tokens, has done so, or is about to be full. Once for each; again when it has been well in
/// between. It asks over a connection of its own: what is no memcached may close that at <c>stats</c>, and nothing else is lost.
/// </summary>
internal sealed class NodeMemoryWatch(MemcachedEndpoint endpoint, MemcachedLinkOptions options, NodeLog log)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(30);

    private MemcachedLink? _seen;
    private long _lookedAt;
    private long _evictions;
    private double _usedShare = double.NaN;
    private bool _evicts;
    private bool _nearlyFull;

    /// <summary>Entries thrown away, as last told.</summary>
    public long Evictions => Volatile.Read(ref _evictions);

    /// <summary>The part of its memory that entries take, as last told; NaN before that.</summary>
    public double UsedShare => Volatile.Read(ref _usedShare);

    /// <summary>Asks, if it is time or the connection that checks go over is a new one.</summary>
    public async Task LookAsync(MemcachedLink checks, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(checks, _seen) && options.Time.GetElapsedTime(_lookedAt) < _interval) return;
        (_seen, _lookedAt) = (checks, options.Time.GetTimestamp());
        try
        {
            await using var link = await MemcachedLink.ConnectAsync(endpoint, options, cancellationToken);
            Judge(NodeMemory.Read(await link.ReadTextAsync("stats"), await link.ReadTextAsync("stats settings")));
        }
        catch (Exception)
        {
            // Nothing depends on it: it is asked again in time.
        }
    }

    private void Judge(NodeMemory memory)
    {
        if (memory.Evicts == true && !_evicts) log.MayEvict();
        if (memory.Evictions > _evictions) log.HasEvicted(memory.Evictions.Value);
        if (memory.IsNearlyFull && !_nearlyFull) log.NearlyFull(memory.Used ?? 0, memory.Limit ?? 0);
        _evicts = memory.Evicts ?? _evicts;
        _nearlyFull = memory.IsNearlyFull;
        Volatile.Write(ref _evictions, memory.Evictions ?? _evictions);
        Volatile.Write(ref _usedShare, memory.UsedShare ?? _usedShare);
    }
}
