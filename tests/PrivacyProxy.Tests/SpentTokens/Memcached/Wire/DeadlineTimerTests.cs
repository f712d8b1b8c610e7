using Microsoft.Extensions.Time.Testing;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

/// <summary>The timer behind the deadlines of one connection: there are as many as connections, and each firing wakes the pool.</summary>
public sealed class DeadlineTimerTests
{
    private static readonly TimeSpan _deadline = TimeSpan.FromMilliseconds(250);

    private readonly CountingTime _time = new();

    [Fact]
    public async Task It_does_not_fire_while_nothing_waits_and_once_for_what_was_answered_in_time()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        Pass(_deadline * 20);
        Assert.Equal(0, _time.Fired);
        for (var i = 0; i < 5; i++)
        {
            var asked = link.GetAsync(TestKeys.Next()).AsTask();
            await server.ReadLinesAsync(1);
            await server.SendAsync("END\r\n");
            Assert.Equal(MemcachedReply.Miss, await asked);
        }

        Pass(_deadline * 20);
        Assert.Equal(1, _time.Fired);
    }

    [Fact]
    public async Task Each_command_has_its_own_deadline_however_many_have_passed_before()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var asked = new List<Task<MemcachedReply>>();
        for (var i = 0; i < 10; i++)
        {
            asked.Add(link.GetAsync(TestKeys.Next()).AsTask());
            _time.Advance(TimeSpan.FromMilliseconds(20));
        }

        // The first was asked 200 ms ago, each other one 20 ms after the one before.
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(i == 0 ? 49 : 19));
            Assert.All(asked[i..], static each => Assert.False(each.IsCompleted));
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(MemcachedReply.TimedOut, await asked[i].WaitAsync(TimeSpan.FromMinutes(1)));
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_connection_that_owes_an_answer_for_too_long_is_told_of_while_it_does_and_no_other(double deadlines)
    {
        var stallAfter = _deadline * deadlines;
        var stalls = 0;
        var (server, link) = await ConnectAsync(stallAfter, () => Interlocked.Increment(ref stalls));
        await using var _ = server;
        await using var __ = link;
        // One that is answered in time, then nothing for long.
        var asked = link.GetAsync(TestKeys.Next()).AsTask();
        await server.ReadLinesAsync(1);
        await server.SendAsync("END\r\n");
        await asked;
        Pass(stallAfter * 20);
        Assert.Equal(0, stalls);
        Assert.InRange(_time.Fired, 1, 2);

        var unanswered = link.GetAsync(TestKeys.Next()).AsTask();
        Pass(stallAfter / 2);
        Assert.Equal(0, stalls);
        Pass(stallAfter);
        Assert.InRange(stalls, 1, 3);
        Pass(stallAfter * 2);
        Assert.InRange(stalls, 4, 14);
        Assert.Equal(MemcachedReply.TimedOut, await unanswered);

        // Late, but answered.
        await server.ReadLinesAsync(1);
        await server.SendAsync("END\r\n");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (link.InFlight > 0) await Task.Delay(1, patience.Token);
        Pass(stallAfter);
        var (told, fired) = (stalls, _time.Fired);
        Pass(stallAfter * 20);
        Assert.Equal((told, fired), (stalls, _time.Fired));
    }

    private Task<(ScriptedServer Server, MemcachedLink Link)> ConnectAsync(TimeSpan? stallAfter = null, Action? stalled = null) =>
        ScriptedServer.ConnectAsync(new MemcachedLinkOptions { StallAfter = stallAfter, Stalled = stalled, Deadline = _deadline, ConnectTimeout = TimeSpan.FromMinutes(1), MaxInFlight = 100, Time = _time });

    private void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += _deadline / 10) _time.Advance(_deadline / 10);
    }

    private sealed class CountingTime : FakeTimeProvider
    {
        private int _fired;

        public int Fired => Volatile.Read(ref _fired);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(
            given =>
            {
                if (given is MemcachedLink) Interlocked.Increment(ref _fired);
                callback(given);
            },
            state, dueTime, period);
    }
}
