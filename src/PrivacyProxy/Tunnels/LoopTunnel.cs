using Tunneling.Loops;
using Tunneling.Pumps;

namespace PrivacyProxy.Tunnels;

/// <summary>A tunnel between two channels of an event loop. Stopped from anywhere, it ends there.</summary>
internal sealed class LoopTunnel : OpenTunnel, IPumpObserver
{
    private readonly TaskCompletionSource<TunnelEnding> _ended = new();
    private readonly TunnelPump _pump;
    private readonly EventLoop _loop;
    private readonly TunnelRegistry _registry;
    private readonly TunnelTraffic _traffic;
    private byte[]? _early;
    private int _ending;
    private long _lastActive;
    private volatile bool _isHalfClosed;

    /// <param name="client">Handed over.</param>
    /// <param name="early">What the client sent before its tunnel was open; null for nothing.</param>
    /// <param name="origin">Handed over.</param>
    /// <param name="registry">Knows it while it runs.</param>
    /// <param name="traffic">Counts its bytes.</param>
    public LoopTunnel(Channel client, byte[]? early, Channel origin, TunnelRegistry registry, TunnelTraffic traffic)
    {
        (_loop, _early, _registry, _traffic) = (client.Loop, early, registry, traffic);
        _pump = new TunnelPump(client, origin, this);
        _lastActive = registry.Now;
    }

    public override Task<TunnelEnding> RunAsync()
    {
        _registry.Add(this);
        var early = _early;
        _early = null;
        _pump.Start(early);
        return _ended.Task;
    }

    public override void Stop(TunnelEnding reason)
    {
        if (Interlocked.CompareExchange(ref _ending, (int)reason, (int)TunnelEnding.None) != (int)TunnelEnding.None) return;
        if (_loop.IsCurrent) _pump.Stop(breaksClient: true);
        else _loop.Post(static tunnel => ((LoopTunnel)tunnel!)._pump.Stop(breaksClient: true), this);
    }

    public override void Sweep(TimeProvider time, long now, TunnelOptions options)
    {
        _traffic.Tell();
        var limit = _isHalfClosed ? options.HalfClosedTimeout : options.IdleTimeout;
        if (time.GetElapsedTime(Volatile.Read(ref _lastActive), now) >= limit) Stop(TunnelEnding.IdleTimeout);
    }

    void IPumpObserver.OnUpload(int bytes)
    {
        _traffic.ToDestination(bytes);
        Touch();
    }

    void IPumpObserver.OnDownload(int bytes)
    {
        _traffic.FromDestination(bytes);
        Touch();
    }

    void IPumpObserver.OnHalfClosed()
    {
        _isHalfClosed = true;
        Touch();
    }

    void IPumpObserver.OnEnded(PumpEnding ending)
    {
        _registry.Remove(this);
        _traffic.Tell();
        var reason = ending switch
        {
            PumpEnding.ClientFailed => TunnelEnding.ClientReset,
            PumpEnding.OriginFailed => TunnelEnding.OriginReset,
            _ => TunnelEnding.Finished,
        };
        var given = Interlocked.CompareExchange(ref _ending, (int)reason, (int)TunnelEnding.None);
        // What waited goes on at once, on the loop.
        _ended.SetResult(given == (int)TunnelEnding.None ? reason : (TunnelEnding)given);
    }

    private void Touch() => Volatile.Write(ref _lastActive, _registry.Now);
}
