namespace Tunneling.Http2;

/// <summary>
/// One account for every kind of flood: frames that make work and carry nothing cost points, time and real bytes bring some back.
/// When it is empty the connection ends with ENHANCE_YOUR_CALM.
/// </summary>
internal struct AbuseBudget(AbuseAllowance allowance, long now)
{
    /// <summary>A frame that is only looked at: PRIORITY, WINDOW_UPDATE, of an unknown type, for a stream that is gone, or a read of fewer bytes than a frame has.</summary>
    public const int Frame = 1;

    /// <summary>A PING, which is answered, or DATA without data.</summary>
    public const int Ping = 2;

    /// <summary>SETTINGS, which change every stream, a CONTINUATION, a stream refused for there being too many.</summary>
    public const int Settings = 5;

    /// <summary>A request that is reset before its answer (Rapid Reset), is malformed or too large; any other stream error.</summary>
    public const int Request = 10;

    /// <summary>Given back for a frame of DATA sent: it may be answered by two windows and a PING.</summary>
    public const int DataSent = 4;

    /// <summary>DATA of fewer bytes than this costs as much as a frame that is only looked at.</summary>
    public const int SmallData = 16;

    private AbuseAllowance _allowance = allowance;
    private long _refilledAt = now;

    /// <summary>What is left.</summary>
    public int Points { get; private set; } = allowance.Points;

    /// <summary>Takes points; false: there are none left.</summary>
    public bool TrySpend(int points, long now)
    {
        Points -= points;
        if (Points >= 0) return true;
        Refill(now);
        return Points >= 0;
    }

    /// <summary>Brings points back.</summary>
    public void Earn(int points) => Points = Math.Min(Points + points, _allowance.Points);

    /// <summary>More for a client that has shown who it is.</summary>
    public void Raise(AbuseAllowance larger)
    {
        Points += larger.Points - _allowance.Points;
        _allowance = larger;
    }

    private void Refill(long now)
    {
        var elapsed = Math.Min(now - _refilledAt, 3_600_000);
        if (elapsed <= 0) return;
        var points = elapsed * _allowance.PointsPerSecond / 1000;
        if (points == 0) return;
        _refilledAt = now;
        Points = (int)Math.Min(Points + points, _allowance.Points);
    }
}
