using System.Security.Cryptography;
using System.Runtime.InteropServices;

namespace PrivacyProxy.SpentTokens.Memory;

/// <summary>The spent tokens of one issuer key, sharded so that spends rarely meet on a lock. Dropped as a whole.</summary>
internal sealed class SpentTokenPartition
{
    private const int Shards = 128;

    private readonly Shard[] _shards = new Shard[Shards];
    private readonly ulong _seedA;
    private readonly ulong _seedB;
    private long _expires;

    public SpentTokenPartition(long expires)
    {
        _expires = expires;
        Span<ulong> seeds = stackalloc ulong[2];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(seeds));
        (_seedA, _seedB) = (seeds[0], seeds[1]);
        for (var i = 0; i < Shards; i++) _shards[i] = new Shard(new SpentTokenTable(_seedA, _seedB));
    }

    /// <summary>The latest expiry any of its tokens came with, Unix seconds.</summary>
    public long Expires => Volatile.Read(ref _expires);

    public bool Contains(in SpentTokenKey key)
    {
        var hash = key.SeededHash(_seedA, _seedB);
        var shard = _shards[hash % Shards];
        lock (shard.Gate) return shard.Table.Contains(key, hash);
    }

    /// <summary>Spends a key, unless <paramref name="budget"/> is used up or the partition has been closed.</summary>
    public SpendOutcome Add(in SpentTokenKey key, long expires, SpentTokenBudget budget)
    {
        Extend(expires);
        var hash = key.SeededHash(_seedA, _seedB);
        var shard = _shards[hash % Shards];
        lock (shard.Gate)
        {
            if (shard.Closed) return SpendOutcome.Unavailable;
            if (budget.TryTake()) return Commit(shard, key, hash, budget);
            return shard.Table.Contains(key, hash) ? SpendOutcome.AlreadySpent : SpendOutcome.Unavailable;
        }
    }

    /// <summary>Refuses every later spend and returns how many keys it held.</summary>
    public long Close()
    {
        long count = 0;
        foreach (var shard in _shards)
        {
            lock (shard.Gate)
            {
                shard.Closed = true;
                count += shard.Table.Count;
                shard.Table = new SpentTokenTable(_seedA, _seedB);
            }
        }
        return count;
    }

    private static SpendOutcome Commit(Shard shard, in SpentTokenKey key, ulong hash, SpentTokenBudget budget)
    {
        if (shard.Table.Add(key, hash)) return SpendOutcome.Fresh;
        budget.Return(1);
        return SpendOutcome.AlreadySpent;
    }

    private void Extend(long expires)
    {
        var seen = Volatile.Read(ref _expires);
        while (expires > seen)
        {
            var before = Interlocked.CompareExchange(ref _expires, expires, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    private sealed class Shard(SpentTokenTable table)
    {
        public Lock Gate { get; } = new();

        public SpentTokenTable Table { get; set; } = table;

        public bool Closed { get; set; }
    }
}
