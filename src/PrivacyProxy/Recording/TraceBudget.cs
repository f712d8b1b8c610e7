namespace PrivacyProxy.Recording;

/// <summary>So many traces in a second and no more: a storm of errors must not become one of traces.</summary>
internal sealed class TraceBudget(int perSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _second = long.MinValue;
    private int _taken;

    public bool TryTake()
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        lock (_gate)
        {
            if (second != _second) (_second, _taken) = (second, 0);
            if (_taken == perSecond) return false;
            _taken++;
            return true;
        }
    }
}
