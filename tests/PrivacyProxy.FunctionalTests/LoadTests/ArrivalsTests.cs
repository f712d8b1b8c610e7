using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.LoadTests.Driving;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>The open loop: tunnels begin when they are due, and their time runs from then, whatever holds them up.</summary>
public sealed class ArrivalsTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly List<(int Number, TimeSpan Due)> _begun = [];
    private readonly SemaphoreSlim _seen = new(0);

    [Fact]
    public async Task Each_begins_when_it_is_due_and_no_sooner()
    {
        var running = new Arrivals(100, 5, 10, _time).RunAsync(BeginAsync, CancellationToken.None);
        for (var i = 0; i < 5; i++)
        {
            await SeenAsync();
            Assert.Equal(i + 1, Begun.Count);
            Assert.False(running.IsCompleted && i < 4);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await running.WaitAsync(_patience);
        Assert.Equal(Enumerable.Range(0, 5).Select(static i => (i, TimeSpan.FromMilliseconds(10 * i))), Begun);
    }

    [Fact]
    public async Task After_a_stall_those_that_were_due_begin_at_once_and_are_told_when_they_were_due()
    {
        var running = new Arrivals(100, 50, 100, _time).RunAsync(BeginAsync, CancellationToken.None);
        await SeenAsync();
        // Nobody looked at the clock for half a second.
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await running.WaitAsync(_patience);
        Assert.Equal(Enumerable.Range(0, 50).Select(static i => (i, TimeSpan.FromMilliseconds(10 * i))), Begun);
    }

    [Fact]
    public async Task Those_that_wait_for_a_place_keep_the_time_they_were_due()
    {
        var first = new TaskCompletionSource();
        var running = new Arrivals(1_000, 2, mostInFlight: 1, _time).RunAsync(async (number, dueAt) =>
        {
            await BeginAsync(number, dueAt);
            if (number == 0) await first.Task;
        }, CancellationToken.None);
        await SeenAsync();
        // The first one takes ten seconds, of which the second waits all but a millisecond.
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Single(Begun);
        first.SetResult();
        await running.WaitAsync(_patience);
        Assert.Equal((1, TimeSpan.FromMilliseconds(1)), Begun[1]);
    }

    [Fact]
    public async Task Stopped_it_begins_no_more_and_waits_for_those_under_way()
    {
        using var stop = new CancellationTokenSource();
        var end = new TaskCompletionSource();
        var arrivals = new Arrivals(1, 100, 10, _time);
        var running = arrivals.RunAsync(async (number, dueAt) =>
        {
            await BeginAsync(number, dueAt);
            await end.Task;
        }, stop.Token);
        await SeenAsync();
        await stop.CancelAsync();
        Assert.False(running.IsCompleted);
        end.SetResult();
        await running.WaitAsync(_patience);
        Assert.Equal(1, arrivals.Begun);
    }

    private List<(int Number, TimeSpan Due)> Begun
    {
        get { lock (_begun) return [.. _begun.OrderBy(static one => one.Number)]; }
    }

    private Task BeginAsync(int number, long dueAt)
    {
        lock (_begun) _begun.Add((number, _time.GetElapsedTime(_startedAt, dueAt)));
        _seen.Release();
        return Task.CompletedTask;
    }

    private readonly long _startedAt;

    public ArrivalsTests() => _startedAt = _time.GetTimestamp();

    private async Task SeenAsync() => Assert.True(await _seen.WaitAsync(_patience));
}
