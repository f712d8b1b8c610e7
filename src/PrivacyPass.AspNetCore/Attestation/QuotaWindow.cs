namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Counts within fixed windows of time; one per bearer key.</summary>
internal sealed class QuotaWindow(int quota, TimeSpan window, TimeProvider time)
{
    private readonly Lock _lock = new();
    private DateTimeOffset _end = DateTimeOffset.MinValue;
    private int _used;

    /// <summary>Takes one; false, and the time until the next window, when none is left.</summary>
    public bool TryTake(out TimeSpan retryAfter)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (now >= _end)
            {
                _end = now + window;
                _used = 0;
            }

            retryAfter = _end - now;
            if (_used >= quota) return false;
            _used++;
            return true;
        }
    }
}
