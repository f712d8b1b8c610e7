using System.Collections.Concurrent;

namespace PrivacyPass.SpentTokens.Memory;

/// <summary>
/// Spent tokens in this process. A partition per issuer key, dropped after the key has expired. When the capacity is
/// used up, spends are <see cref="SpendOutcome.Unavailable"/>: it never forgets a token to make room.
/// </summary>
internal sealed class MemorySpentTokenStore : ISpentTokenStore
{
    private static readonly TimeSpan _sweepInterval = TimeSpan.FromMinutes(1);

    /// <summary>Kept so much longer than the key is accepted, for requests under way.</summary>
    private const long GraceSeconds = 300;

    /// <summary>Null where the key has expired: its tokens are gone, and are refused for good.</summary>
    private readonly ConcurrentDictionary<TokenKeyId, SpentTokenPartition?> _partitions = new();
    private readonly SpentTokenBudget _budget;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    public MemorySpentTokenStore(long capacity, TimeProvider time)
    {
        _budget = new SpentTokenBudget(capacity);
        _time = time;
        _sweep = time.CreateTimer(static store => ((MemorySpentTokenStore)store!).Sweep(), this, _sweepInterval, _sweepInterval);
    }

    public string Name => "memory";

    public bool LooksUpFirst => false;

    /// <summary>False when it is full: it can then only refuse.</summary>
    public bool IsReady => _budget.Left > 0;

    /// <summary>How many more tokens it can hold.</summary>
    public long Left => _budget.Left;

    public ValueTask<SpendOutcome> LookUpAsync(SpentToken token, CancellationToken cancellationToken) =>
        new(_partitions.TryGetValue(token.Partition, out var partition) ? partition?.LookUp(token.Key) ?? SpendOutcome.Unavailable : SpendOutcome.Fresh);

    public ValueTask<SpendOutcome> SpendAsync(SpentToken token, CancellationToken cancellationToken)
    {
        if (!_partitions.TryGetValue(token.Partition, out var partition))
        {
            // A key that has expired may have been dropped already: nothing is known of its tokens any more.
            if (token.Expires <= Now) return new(SpendOutcome.Unavailable);
            partition = _partitions.GetOrAdd(token.Partition, static (_, expires) => new SpentTokenPartition(expires), token.Expires);
        }
        return new(partition?.Add(token.Key, token.Expires, _budget) ?? SpendOutcome.Unavailable);
    }

    /// <summary>
    /// Drops the partitions of expired keys; their ids stay, about 100 bytes each. Were the clock set back or the key's lifetime
    /// extended, its tokens must be refused and not taken for fresh.
    /// </summary>
    public void Sweep()
    {
        var oldest = Now - GraceSeconds;
        foreach (var (id, partition) in _partitions)
        {
            if (partition is null || partition.Expires >= oldest) continue;
            // Closed first: a spend that has it in hand already is refused too.
            _budget.Return(partition.Close());
            _partitions[id] = null;
        }
    }

    /// <summary>Forgets nothing: requests that outlive the host's patience may still spend.</summary>
    public ValueTask DisposeAsync() => _sweep.DisposeAsync();

    private long Now => _time.GetUtcNow().ToUnixTimeSeconds();
}
