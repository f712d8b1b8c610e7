using System.Threading.RateLimiting;

namespace PrivacyProxy.Tunnels.Rates;

/// <summary>
/// Buckets of tokens for whatever has a hash, in a fixed number of places: memory is bounded whoever comes, and nothing here names anybody.
/// Two of one place share a bucket, which nobody can bring about, as hashes are of this process alone.
/// </summary>
internal sealed class RateTable
{
    private const int Places = 16 * 1024;

    private readonly Place?[] _places = new Place?[Places];
    private readonly TokenBucketRateLimiterOptions _options;

    /// <param name="perSecond">More than 0.</param>
    /// <param name="burst">0 for as many as in a second.</param>
    public RateTable(int perSecond, int burst) => _options = new TokenBucketRateLimiterOptions
    {
        // Replenished when it is asked, by the time that has passed: no timer for each.
        AutoReplenishment = false,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1.0 / perSecond),
        TokensPerPeriod = 1,
        TokenLimit = burst > 0 ? burst : perSecond,
        QueueLimit = 0,
    };

    public bool TryTake(int hash)
    {
        ref var place = ref _places[(uint)hash % Places];
        var there = Volatile.Read(ref place);
        if (there is null)
        {
            var made = new Place(new TokenBucketRateLimiter(_options));
            there = Interlocked.CompareExchange(ref place, made, null) ?? made;
        }

        return there.TryTake();
    }

    /// <summary>Gives back what was taken for nothing.</summary>
    public void GiveBack(int hash) => Volatile.Read(ref _places[(uint)hash % Places])?.GiveBack(_options.TokenLimit);

    /// <summary>A bucket, and what was given back to it, which the platform's buckets have no way for.</summary>
    private sealed class Place(TokenBucketRateLimiter bucket)
    {
        private int _returned;

        public bool TryTake()
        {
            for (var returned = Volatile.Read(ref _returned); returned > 0; returned = Volatile.Read(ref _returned))
                if (Interlocked.CompareExchange(ref _returned, returned - 1, returned) == returned) return true;
            bucket.TryReplenish();
            using var lease = bucket.AttemptAcquire();
            return lease.IsAcquired;
        }

        /// <param name="most">What it may hold: a bucket that has filled meanwhile takes nothing more.</param>
        public void GiveBack(int most)
        {
            bucket.TryReplenish();
            if (bucket.GetStatistics()?.CurrentAvailablePermits + Volatile.Read(ref _returned) < most) Interlocked.Increment(ref _returned);
        }
    }
}
