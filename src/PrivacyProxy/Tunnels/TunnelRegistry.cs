using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Tunnels;

/// <summary>Every tunnel there is: how many may be, which have been idle too long, and how the last ones end when the proxy stops.</summary>
internal sealed class TunnelRegistry : IDisposable
{
    /// <summary>Idle limits are checked and bytes counted this often, by one timer for all tunnels.</summary>
    public static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<OpenTunnel, byte> _tunnels = new();
    private readonly CancellationTokenSource _drainStarts = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IOptionsMonitor<TunnelOptions> _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _now;
    private int _reserved;
    private int _reservedUdp;
    private volatile bool _draining;

    public TunnelRegistry(IOptionsMonitor<TunnelOptions> options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _now = time.GetTimestamp();
        _timer = time.CreateTimer(static state => ((TunnelRegistry)state!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>The time of the last sweep, from <see cref="TimeProvider.GetTimestamp"/>: cheap enough to read at every byte moved.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>Tunnels open or being opened.</summary>
    public int Count => Volatile.Read(ref _reserved);

    /// <summary>True once <see cref="StartDraining"/> was called; new tunnels are refused.</summary>
    public bool IsDraining => _draining;

    /// <summary>Fires, on the pool, when <see cref="StartDraining"/> is called.</summary>
    public CancellationToken Draining => _drainStarts.Token;

    /// <summary>Takes a place for a tunnel about to be opened; false when there is none or the proxy is draining.</summary>
    public bool TryReserve(TunnelKind kind)
    {
        var options = _options.CurrentValue;
        var isUdp = kind == TunnelKind.ConnectUdp;
        var fits = Interlocked.Increment(ref _reserved) <= options.MaxTunnels;
        fits &= !isUdp || Interlocked.Increment(ref _reservedUdp) <= options.MaxUdpTunnels;
        if (fits && !_draining) return true;
        Release(kind);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Release(TunnelKind kind)
    {
        if (kind == TunnelKind.ConnectUdp) Interlocked.Decrement(ref _reservedUdp);
        if (Interlocked.Decrement(ref _reserved) == 0 && _draining) _empty.TrySetResult();
    }

    public void Add(OpenTunnel tunnel) => _tunnels.TryAdd(tunnel, 0);

    public void Remove(OpenTunnel tunnel) => _tunnels.TryRemove(tunnel, out _);

    /// <summary>From now on no tunnel is opened.</summary>
    public void StartDraining()
    {
        _draining = true;
        if (Count == 0) _empty.TrySetResult();
        _ = _drainStarts.CancelAsync();
    }

    /// <summary>Opens no more tunnels, waits up to <paramref name="timeout"/> for those there are to end, then resets the rest. Returns how many were reset.</summary>
    public async Task<int> DrainAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        StartDraining();
        try
        {
            await _empty.Task.WaitAsync(timeout, _time, cancellationToken);
            return 0;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            var reset = 0;
            foreach (var (tunnel, _) in _tunnels)
            {
                tunnel.Stop(TunnelEnding.Drained);
                reset++;
            }

            return reset;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _drainStarts.Dispose();
    }

    private void Sweep()
    {
        var now = _time.GetTimestamp();
        Volatile.Write(ref _now, now);
        var options = _options.CurrentValue;
        foreach (var (tunnel, _) in _tunnels)
            tunnel.Sweep(_time, now, options);
    }
}
