using System.Collections.Concurrent;
using Tunneling.Loops;
using Tunneling.Native;

namespace Tunneling.Tests.Loops;

public sealed class EventLoopTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<Exception> _failures = new();

    [Fact]
    public async Task Work_posted_by_one_thread_runs_in_its_order_on_the_loops_thread()
    {
        using var loop = Loop();
        var ran = new List<int>();
        var done = new TaskCompletionSource();
        for (var i = 0; i < 10_000; i++)
        {
            var number = i;
            loop.Post(_ =>
            {
                Assert.True(loop.IsCurrent);
                ran.Add(number);
                if (number == 9_999) done.SetResult();
            }, null);
        }

        await done.Task.WaitAsync(_patience);
        Assert.Equal(Enumerable.Range(0, 10_000), ran);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task A_sleeping_loop_is_woken_by_every_post()
    {
        using var loop = Loop();
        for (var i = 0; i < 5_000; i++)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(static done => ((TaskCompletionSource)done!).SetResult(), done);
            await done.Task.WaitAsync(_patience);
        }
    }

    [Fact]
    public async Task An_async_method_begun_on_a_loop_goes_on_there_after_awaiting_the_pool()
    {
        using var loop = Loop();
        var result = await loop.RunAsync(async () =>
        {
            await Task.Run(static () => { });
            var afterPool = loop.IsCurrent;
            await Task.Delay(1);
            return afterPool && loop.IsCurrent;
        });
        Assert.True(result);
    }

    [Fact]
    public async Task What_a_callback_throws_is_told_and_the_loop_goes_on()
    {
        using var loop = Loop();
        loop.Post(static _ => throw new InvalidOperationException("on purpose"), null);
        Assert.True(await loop.RunAsync(static () => Task.FromResult(true)));
        Assert.IsType<InvalidOperationException>(Assert.Single(_failures));
    }

    [Fact]
    public async Task Timers_fire_on_the_loop_in_the_order_they_are_due()
    {
        using var loop = Loop();
        var fired = new List<int>();
        var done = new TaskCompletionSource();
        loop.Post(_ =>
        {
            loop.Start(new LoopTimer(_ => { fired.Add(2); done.SetResult(); }, null), TimeSpan.FromMilliseconds(120));
            loop.Start(new LoopTimer(_ => fired.Add(1), null), TimeSpan.FromMilliseconds(30));
        }, null);
        await done.Task.WaitAsync(_patience);
        Assert.Equal([1, 2], fired);
    }

    [Fact]
    public async Task Work_posted_around_and_after_the_end_of_a_loop_still_runs()
    {
        for (var round = 0; round < 50; round++)
        {
            var loop = Loop();
            var ran = 0;
            const int Posts = 200;
            var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var posting = Task.Run(() =>
            {
                for (var i = 0; i < Posts; i++)
                    loop.Post(_ =>
                    {
                        if (Interlocked.Increment(ref ran) == Posts) all.SetResult();
                    }, null);
            });
            loop.Dispose();
            await posting.WaitAsync(_patience);
            await all.Task.WaitAsync(_patience);
        }
    }

    [Fact]
    public async Task What_is_watched_for_in_the_last_moment_of_a_loop_is_told_of_its_end()
    {
        const int IPv4 = 2;
        Assert.Equal(0, Sockets.Create(IPv4, out var socket));
        using var watched = socket;
        var watcher = new LastWatcher();
        var loop = Loop();
        loop.Post(_ =>
        {
            // On its own thread this only says that the turn is the last one.
            loop.Dispose();
            loop.PostNext(_ => Assert.Equal(0, loop.Watch(watcher, socket, EpollEvents.In)), null);
        }, null);
        await watcher.Told.Task.WaitAsync(_patience);
        Assert.Empty(_failures);
    }

    private sealed class LastWatcher : Watcher
    {
        public TaskCompletionSource Told { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // A socket that is not connected has hung up: it may be told of that too.
        internal override void OnEvents(EpollEvents events)
        {
        }

        internal override void OnAbandoned() => Told.SetResult();
    }

    private EventLoop Loop() => new("test loop", _failures.Enqueue);
}
