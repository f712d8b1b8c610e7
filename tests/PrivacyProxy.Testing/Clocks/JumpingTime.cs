using Microsoft.Extensions.Time.Testing;

namespace PrivacyProxy.Testing.Clocks;

/// <summary>A wall clock that can be set apart from the time that passes, which <see cref="FakeTimeProvider"/>'s cannot.</summary>
/// <param name="start">What both begin with; <see cref="Start"/> when null.</param>
internal sealed class JumpingTime(DateTimeOffset? start = null) : TimeProvider
{
    private readonly FakeTimeProvider _passing = new(start ?? Start);
    private TimeSpan _set;

    public static DateTimeOffset Start { get; } = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public override long TimestampFrequency => _passing.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _passing.GetUtcNow() + _set;

    public override long GetTimestamp() => _passing.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _passing.CreateTimer(callback, state, dueTime, period);

    /// <summary>Both clocks go on.</summary>
    public void Pass(TimeSpan time) => _passing.Advance(time);

    /// <summary>The wall clock alone is set forward, or back.</summary>
    public void Set(TimeSpan by) => _set += by;
}
