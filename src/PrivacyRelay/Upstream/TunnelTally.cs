using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream;

/// <summary>What becomes of the tunnels that local programs ask for: how many are open, and why there was none the last time that there was none.</summary>
internal sealed class TunnelTally(TimeProvider time)
{
    private int _open;
    private volatile TunnelRefusal? _lastRefusal;

    public int Open => Volatile.Read(ref _open);

    /// <summary>Null while nothing was refused.</summary>
    public TunnelRefusal? LastRefusal => _lastRefusal;

    /// <summary>Counts a tunnel until it is disposed.</summary>
    public void Count(DuplexStream tunnel)
    {
        Interlocked.Increment(ref _open);
        tunnel.OnDisposed(() => Interlocked.Decrement(ref _open));
    }

    public void Note(TunnelException refusal) => _lastRefusal = new TunnelRefusal(time.GetLocalNow(), refusal.Message);
}
