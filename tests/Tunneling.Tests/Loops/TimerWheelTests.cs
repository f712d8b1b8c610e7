using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tunneling.Loops;

namespace Tunneling.Tests.Loops;

public sealed class TimerWheelTests
{
    [Property]
    public Property No_timer_fires_early_twice_or_more_than_a_tick_late() => Prop.ForAll<PositiveInt[], PositiveInt[]>(FiresInTime);

    [Property]
    public Property The_wait_never_oversleeps_the_next_timer() => Prop.ForAll<PositiveInt, PositiveInt>(WakesInTime);

    private static bool FiresInTime(PositiveInt[] delays, PositiveInt[] steps)
    {
        var now = 1_000_003L;
        var wheel = new TimerWheel(now);
        var due = new Dictionary<int, long>();
        var timers = new List<LoopTimer>();
        var fired = new List<int>();
        for (var i = 0; i < delays.Length; i++)
        {
            var index = i;
            timers.Add(new LoopTimer(_ => fired.Add(index), null));
            var delay = delays[i].Get * 97 % 20_000;
            due[i] = now + delay;
            wheel.Start(timers[i], now, delay);
        }

        foreach (var step in steps.Select(static step => step.Get * 31 % 9000).Append(30_000))
        {
            var before = now;
            now += step;
            fired.Clear();
            while (wheel.TakeDue(now) is { } timer) timer.Fire();
            foreach (var index in fired)
            {
                if (!due.Remove(index, out var at) || at > now) return false;
            }

            if (due.Values.Any(at => at + (2 * TimerWheel.Tick) < now)) return false;
            if (before > now) return false;
        }

        return due.Count == 0 && wheel.Count == 0;
    }

    [Fact]
    public void A_stopped_timer_does_not_fire_and_can_be_started_again()
    {
        var wheel = new TimerWheel(0);
        var fired = 0;
        var timer = new LoopTimer(_ => fired++, null);
        wheel.Start(timer, 0, 50);
        wheel.Stop(timer);
        Assert.Null(wheel.TakeDue(1000));
        wheel.Start(timer, 1000, 50);
        while (wheel.TakeDue(1100) is { } due) due.Fire();
        Assert.Equal(1, fired);
    }

    private static bool WakesInTime(PositiveInt delay, PositiveInt start)
    {
        var now = (long)start.Get;
        var wheel = new TimerWheel(now);
        var timer = new LoopTimer(_ => { }, null);
        wheel.Start(timer, now, delay.Get % 100_000);
        for (var turns = 0; turns < 1000; turns++)
        {
            var wait = wheel.UntilNext(now);
            if (wait < 1) return false;
            now += wait;
            if (wheel.TakeDue(now) is not null) return now >= timer.Due && now <= timer.Due + (2 * TimerWheel.Tick);
        }

        return false;
    }

    [Fact]
    public void Without_timers_there_is_nothing_to_wait_for() => Assert.Equal(-1, new TimerWheel(0).UntilNext(0));
}
