using System.Threading.RateLimiting;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Bounds the requests that are answered at a time and those that wait. Signing is all processor time: more at once only makes each slower.</summary>
/// <param name="concurrent">So many at a time.</param>
/// <param name="queued">So many may wait.</param>
internal sealed class IssuanceLimiter(int concurrent, int queued) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = concurrent,
        QueueLimit = queued,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Waits for a turn; a lease that is not acquired means that too many wait already.</summary>
    public ValueTask<RateLimitLease> EnterAsync(CancellationToken cancellationToken) => _limiter.AcquireAsync(1, cancellationToken);

    public void Dispose() => _limiter.Dispose();
}
