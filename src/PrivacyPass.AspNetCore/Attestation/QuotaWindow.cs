namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Counts within fixed windows of time that has passed, whatever the wall clock is set to; one per bearer key.</summary>
internal sealed class QuotaWindow(int quota, TimeSpan window, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long? _start;
    private int _used;

    /// <summary>Takes one; false, and the time until the next window, when none is left.</summary>
    public bool TryTake(out TimeSpan retryAfter) => TryTake(1, out retryAfter);

    /// <summary>Takes so many; false, and the time until the next window, when fewer are left: then none is taken.</summary>
    public bool TryTake(int count, out TimeSpan retryAfter)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_start is not { } start || time.GetElapsedTime(start, now) >= window)
            {
                _start = start = now;
                _used = 0;
            }

            retryAfter = window - time.GetElapsedTime(start, now);
            if (count > quota - _used) return false;
            _used += count;
            return true;
        }
    }
}
