using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PrivacyPass.SpentTokens.Memory;

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

    /// <summary>Whether a key is spent; not known once the partition has been closed.</summary>
    public SpendOutcome LookUp(in SpentTokenKey key)
    {
        var hash = key.SeededHash(_seedA, _seedB);
        var shard = _shards[hash % Shards];
        lock (shard.Gate)
        {
            if (shard.Table is not { } table) return SpendOutcome.Unavailable;
            return table.Contains(key, hash) ? SpendOutcome.AlreadySpent : SpendOutcome.Fresh;
        }
    }

    /// <summary>Spends a key, unless <paramref name="budget"/> is used up or the partition has been closed.</summary>
    public SpendOutcome Add(in SpentTokenKey key, long expires, SpentTokenBudget budget)
    {
        Extend(expires);
        var hash = key.SeededHash(_seedA, _seedB);
        var shard = _shards[hash % Shards];
        lock (shard.Gate)
        {
            if (shard.Table is not { } table) return SpendOutcome.Unavailable;
            // Asked first: replays then leave the budget alone, which all processors share.
            var slot = table.Find(key, hash);
            if (table.Holds(slot)) return SpendOutcome.AlreadySpent;
            if (!budget.TryTake()) return SpendOutcome.Unavailable;
            table.Insert(slot, key, hash);
            return SpendOutcome.Fresh;
        }
    }

    /// <summary>Forgets its keys, refuses every later spend, and returns how many keys it held.</summary>
    public long Close()
    {
        long count = 0;
        foreach (var shard in _shards)
        {
            lock (shard.Gate)
            {
                count += shard.Table?.Count ?? 0;
                shard.Table = null;
            }
        }
        return count;
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

        /// <summary>Null once closed.</summary>
        public SpentTokenTable? Table { get; set; } = table;
    }
}
