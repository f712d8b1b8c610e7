namespace PrivacyProxy.Egress;

/// <summary>A value read from the system at once and again at an interval; readers never wait.</summary>
internal sealed class Refreshed<T> : IDisposable
    where T : class
{
    private readonly Func<T, T> _read;
    private readonly ITimer _timer;
    private volatile T _value;

    /// <param name="time">Gives the timer.</param>
    /// <param name="interval">How often the value is read.</param>
    /// <param name="read">Gets the last value, returns the new one; when it throws the last one stays.</param>
    /// <param name="initial">The value before the first read.</param>
    public Refreshed(TimeProvider time, TimeSpan interval, Func<T, T> read, T initial)
    {
        _read = read;
        _value = initial;
        Refresh();
        _timer = time.CreateTimer(static state => ((Refreshed<T>)state!).Refresh(), this, interval, interval);
    }

    public T Value => _value;

    public void Refresh()
    {
        try
        {
            _value = _read(_value);
        }
        catch (Exception)
        {
            // A file or interface that vanishes while it is read is read again at the next tick.
        }
    }

    public void Dispose() => _timer.Dispose();
}
