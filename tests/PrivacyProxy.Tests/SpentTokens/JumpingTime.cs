using Microsoft.Extensions.Time.Testing;

namespace PrivacyProxy.Tests.SpentTokens;

/// <summary>A wall clock that can be set apart from the time that passes; timers never fire.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private TimeSpan _passed;
    private TimeSpan _set;

    public static DateTimeOffset Start { get; } = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + _passed + _set;

    public override long GetTimestamp() => _passed.Ticks;

    /// <summary>Both clocks go on.</summary>
    public void Pass(TimeSpan time) => _passed += time;

    /// <summary>The wall clock alone is set forward, or back.</summary>
    public void Set(TimeSpan by) => _set += by;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new FakeTimeProvider().CreateTimer(callback, state, dueTime, period);
}
