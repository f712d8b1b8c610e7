namespace PrivacyPass;

/// <summary>
/// A clock for decisions that cannot be taken back, such as that a key has ended. It compares the wall clock with the monotonic
/// one: where the two disagree, as the wall clock has been set or has jumped, it goes on by the monotonic one, and takes the
/// wall clock's word only once that has stood by it for long enough.
/// </summary>
public sealed class SteadyTimeProvider : TimeProvider
{
    /// <summary>Clocks that drift, and are slewed, stay within this; what is within is followed.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(5);

    /// <summary>How often a clock that agrees is followed.</summary>
    private static readonly TimeSpan _following = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _inner;
    private readonly TimeSpan _settling;
    private volatile Anchor _anchor;

    /// <param name="inner">Its wall clock is judged, its monotonic one trusted.</param>
    /// <param name="settling">How long the wall clock must stand by a jump before that is believed; 10 minutes when null.</param>
    public SteadyTimeProvider(TimeProvider inner, TimeSpan? settling = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _settling = settling ?? TimeSpan.FromMinutes(10);
        _anchor = new Anchor(inner.GetUtcNow(), inner.GetTimestamp(), TimeSpan.Zero);
    }

    /// <summary>The clock that is judged, whose timers and timestamps are this one's.</summary>
    public TimeProvider Inner => _inner;

    /// <summary>How far the wall clock is ahead of the time that has passed (behind: negative); null while it is believed.</summary>
    public TimeSpan? Jump
    {
        get
        {
            Read(out _);
            var jump = _anchor.Jump;
            return jump == TimeSpan.Zero ? null : jump;
        }
    }

    /// <summary>The later of the two clocks: by which something that others delete by the true time may be gone.</summary>
    public DateTimeOffset Latest => Read(out var wall) is var steady && wall > steady ? wall : steady;

    /// <inheritdoc/>
    public override long TimestampFrequency => _inner.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => _inner.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Read(out _);

    /// <inheritdoc/>
    public override long GetTimestamp() => _inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _inner.CreateTimer(callback, state, dueTime, period);

    private DateTimeOffset Read(out DateTimeOffset wall)
    {
        var anchor = _anchor;
        var elapsed = _inner.GetElapsedTime(anchor.Timestamp);
        wall = _inner.GetUtcNow();
        var steady = anchor.Time + elapsed;
        var agrees = (wall - steady).Duration() <= _tolerance;
        return agrees && anchor.Jump == TimeSpan.Zero && elapsed < _following ? wall : Judge();
    }

    private DateTimeOffset Judge()
    {
        lock (_gate)
        {
            var anchor = _anchor;
            var (now, wall) = (_inner.GetTimestamp(), _inner.GetUtcNow());
            var steady = anchor.Time + _inner.GetElapsedTime(anchor.Timestamp, now);
            var jump = wall - steady;
            if (jump.Duration() <= _tolerance)
            {
                _anchor = new Anchor(wall, now, TimeSpan.Zero);
                return wall;
            }
            if ((jump - anchor.Jump).Duration() > _tolerance)
            {
                _anchor = new Anchor(steady, now, jump) { JumpedAt = now };
                return steady;
            }
            if (_inner.GetElapsedTime(anchor.JumpedAt, now) < _settling) return steady;
            _anchor = new Anchor(wall, now, TimeSpan.Zero);
            return wall;
        }
    }

    /// <summary>A moment at which both clocks were read, and what the wall clock was ahead of the time believed.</summary>
    private sealed record Anchor(DateTimeOffset Time, long Timestamp, TimeSpan Jump)
    {
        public long JumpedAt { get; init; }
    }
}
