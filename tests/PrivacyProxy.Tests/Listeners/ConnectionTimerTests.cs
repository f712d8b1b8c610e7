using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PrivacyPass;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.Redemption;
using Tunneling.Loops;

namespace PrivacyProxy.Tests.Listeners;

public sealed class ConnectionTimerTests
{
    /// <summary>The clock of the proxy is no plain one, and for a while every connection had a timer of .NET's for it.</summary>
    [Fact]
    public void With_the_clock_of_the_proxy_the_wheel_of_the_loop_keeps_the_timers_of_connections()
    {
        using var services = new ServiceCollection().AddRedemption().BuildServiceProvider();
        Assert.True(ConnectionTimer.IsKeptByLoops(services.GetRequiredService<TimeProvider>()));
        Assert.True(ConnectionTimer.IsKeptByLoops(TimeProvider.System));
        Assert.False(ConnectionTimer.IsKeptByLoops(new FakeTimeProvider()));
        Assert.False(ConnectionTimer.IsKeptByLoops(new SteadyTimeProvider(new FakeTimeProvider())));
    }

    [Fact]
    public async Task It_fires_on_the_loop_and_not_once_it_was_stopped()
    {
        using var loop = new EventLoop("test", static _ => { });
        var fired = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (stopped, time) = (0, new SteadyTimeProvider(TimeProvider.System));
        loop.Post(_ =>
        {
            var gone = new ConnectionTimer(loop, time, _ => stopped++, this);
            gone.Start(TimeSpan.FromMilliseconds(1));
            gone.Stop();
            new ConnectionTimer(loop, time, _ => fired.SetResult(loop.IsCurrent), this).Start(TimeSpan.FromMilliseconds(100));
        }, null);
        Assert.True(await fired.Task.WaitAsync(TestTimes.Limit));
        Assert.Equal(0, stopped);
    }
}
