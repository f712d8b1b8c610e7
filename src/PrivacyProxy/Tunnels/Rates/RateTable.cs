using System.Threading.RateLimiting;

namespace PrivacyProxy.Tunnels.Rates;

/// <summary>
/// Buckets of tokens for whatever has a hash, in a fixed number of places: memory is bounded whoever comes, and nothing here names anybody.
/// Two of one place share a bucket, which nobody can bring about, as hashes are of this process alone.
/// </summary>
internal sealed class RateTable
{
    private const int Places = 16 * 1024;

    private readonly ReplenishingRateLimiter?[] _limiters = new ReplenishingRateLimiter?[Places];
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
        ref var place = ref _limiters[(uint)hash % Places];
        var limiter = Volatile.Read(ref place);
        if (limiter is null)
        {
            var made = new TokenBucketRateLimiter(_options);
            limiter = Interlocked.CompareExchange(ref place, made, null) ?? made;
        }

        limiter.TryReplenish();
        using var lease = limiter.AttemptAcquire();
        return lease.IsAcquired;
    }
}
