using PrivacyPass;
using Tunneling.Loops;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>A timer of one connection, which fires on its loop, by the clock of the proxy. Started, and stopped, there once.</summary>
internal sealed class ConnectionTimer(EventLoop loop, TimeProvider time, Action<object?> callback, object state)
{
    private LoopTimer? _ofLoop;
    private ITimer? _ofClock;
    private bool _isStopped;

    /// <summary>
    /// Whether the wheel of the loop keeps a clock's timers: all but those of tests. A timer of .NET's costs a lock of all connections, and firing it
    /// the pool and the loop's wake-up.
    /// </summary>
    public static bool IsKeptByLoops(TimeProvider time) => ReferenceEquals(time is SteadyTimeProvider steady ? steady.Inner : time, TimeProvider.System);

    public void Start(TimeSpan delay)
    {
        if (IsKeptByLoops(time))
        {
            _ofLoop = new LoopTimer(callback, state);
            loop.Start(_ofLoop, delay);
            return;
        }

        _ofClock = time.CreateTimer(static timer => ((ConnectionTimer)timer!).Post(), this, delay, Timeout.InfiniteTimeSpan);
    }

    public void Stop()
    {
        _isStopped = true;
        if (_ofLoop is not null) loop.Stop(_ofLoop);
        _ofClock?.Dispose();
    }

    private void Post() => loop.Post(static timer => ((ConnectionTimer)timer!).Fire(), this);

    private void Fire()
    {
        if (_isStopped) return;
        callback(state);
    }
}
