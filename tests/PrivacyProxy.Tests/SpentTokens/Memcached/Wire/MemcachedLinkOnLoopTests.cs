using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Wire;
using PrivacyProxy.SpentTokens;
using Tunneling.Loops;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Wire;

/// <summary>The same faults, and what is so only where replies are read on an event loop.</summary>
public sealed class MemcachedLinkOnLoopTests : MemcachedLinkFaultTests, IDisposable
{
    private readonly EventLoop _loop = new("memcached", static _ => { });
    private TunnelCheckLoop? _checks;

    private protected override CheckLoop Loop => _checks ??= new TunnelCheckLoop(_loop);

    public void Dispose() => _loop.Dispose();

    [Fact]
    public async Task What_is_asked_in_one_turn_of_the_loop_goes_out_in_one_write()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var asked = OnLoop(() => Task.WhenAll(TestKeys.Next(100).Select(key => link.GetAsync(key).AsTask())));
        await server.ReadLinesAsync(100);
        Assert.Equal((1, 100), (link.Writes, link.CommandsWritten));
        await server.SendAsync(string.Concat(Enumerable.Repeat("END\r\n", 100)));
        Assert.All(await asked, reply => Assert.Equal(MemcachedReply.Miss, reply));
    }

    [Fact]
    public async Task Who_asks_from_the_loop_goes_on_there_and_who_does_not_never_does()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var here = OnLoop(async () =>
        {
            await link.GetAsync(TestKeys.Next());
            return _loop.IsCurrent;
        });
        await server.ReadLinesAsync(1);
        var there = Task.Run(async () =>
        {
            await link.GetAsync(TestKeys.Next());
            return _loop.IsCurrent;
        });
        await server.ReadLinesAsync(1);
        await server.SendAsync("END\r\nEND\r\n");
        Assert.True(await here);
        Assert.False(await there);

        there = Task.Run(async () =>
        {
            await link.GetAsync(TestKeys.Next());
            return _loop.IsCurrent;
        });
        await server.ReadLinesAsync(1);
        await server.SendAsync("END\r\n");
        Assert.False(await there);
    }

    [Fact]
    public async Task A_loop_that_ends_takes_the_connection_with_it_and_answers_who_waits()
    {
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        var asked = link.GetAsync(TestKeys.Next()).AsTask();
        await server.ReadLinesAsync(1);
        _loop.Dispose();
        Assert.Equal(MemcachedReply.Closed, await asked.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(MemcachedCloseReason.Faulted, await link.Closed.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(MemcachedReply.Closed, await link.GetAsync(TestKeys.Next()));
    }

    [Fact]
    public async Task A_connection_made_after_the_end_of_its_loop_is_closed()
    {
        _loop.Dispose();
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        await using var __ = link;
        Assert.Equal(MemcachedCloseReason.Faulted, await link.Closed.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task A_connection_that_has_closed_leaves_nothing_on_the_loop()
    {
        var before = _loop.Watched;
        var (server, link) = await ConnectAsync();
        await using var _ = server;
        Assert.Equal(before + 1, await OnLoop(() => Task.FromResult(_loop.Watched)));
        await link.DisposeAsync();
        Assert.Equal(before, await OnLoop(() => Task.FromResult(_loop.Watched)));
    }

    private Task<T> OnLoop<T>(Func<Task<T>> call)
    {
        var begun = new TaskCompletionSource<Task<T>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(_ => begun.SetResult(call()), null);
        return begun.Task.Unwrap();
    }
}
