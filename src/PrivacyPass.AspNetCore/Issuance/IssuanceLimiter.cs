using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace PrivacyPass.AspNetCore.Issuance;

/// <summary>Bounds the requests that are signed at a time and those that wait: signing is all processor time, so more at once only makes each slower.</summary>
internal sealed class IssuanceLimiter(IOptions<PrivacyPassIssuerOptions> options) : IDisposable
{
    private readonly ConcurrencyLimiter _limiter = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = options.Value.MaxConcurrency,
        QueueLimit = options.Value.MaxQueued,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <summary>Waits for a turn; a lease that is not acquired means that too many wait already.</summary>
    public ValueTask<RateLimitLease> EnterAsync(CancellationToken cancellationToken) => _limiter.AcquireAsync(1, cancellationToken);

    public void Dispose() => _limiter.Dispose();
}
