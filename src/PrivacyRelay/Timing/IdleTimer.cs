namespace PrivacyRelay.Timing;

/// <summary>Cancels when nothing has happened for a time. Marking activity is a single write; the timer looks seldom.</summary>
internal sealed class IdleTimer : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _source;
    private readonly ITimer _timer;
    private long _lastActivity;

    public IdleTimer(TimeProvider time, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _time = time;
        _timeout = timeout;
        _lastActivity = time.GetTimestamp();
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = time.CreateTimer(static state => ((IdleTimer)state!).Check(), this, timeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled by the timeout, by <see cref="Cancel"/> and by the token given.</summary>
    public CancellationToken Token => _source.Token;

    public void Active() => Volatile.Write(ref _lastActivity, _time.GetTimestamp());

    public void Cancel() => _source.Cancel();

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private void Check()
    {
        var left = _timeout - _time.GetElapsedTime(Volatile.Read(ref _lastActivity));
        try
        {
            if (left <= TimeSpan.Zero) _source.Cancel();
            else _timer.Change(left, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The tunnel ended while the timer fired.
        }
    }
}
