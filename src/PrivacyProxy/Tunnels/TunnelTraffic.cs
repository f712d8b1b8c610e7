using System.Diagnostics;

namespace PrivacyProxy.Tunnels;

/// <summary>What one tunnel has moved. Metrics are told now and then while it lives, so that a byte costs no measurement.</summary>
/// <param name="metrics">Who is told.</param>
/// <param name="time">The clock of <paramref name="receivedAt"/>.</param>
/// <param name="receivedAt">When the request had been read.</param>
/// <param name="traceId">The request's trace if it is kept.</param>
internal sealed class TunnelTraffic(TunnelMetrics metrics, TimeProvider time, long receivedAt, ActivityTraceId traceId = default)
{
    private long _sent;
    private long _received;
    private long _sentTold;
    private long _receivedTold;

    /// <summary>Bytes of the destination are on their way to the client. Called by one thread at a time.</summary>
    public void FromDestination(int bytes)
    {
        if (_received == 0) metrics.FirstByte(time.GetElapsedTime(receivedAt), traceId);
        Volatile.Write(ref _received, _received + bytes);
    }

    /// <summary>Bytes of the client are on their way to the destination. Called by one thread at a time.</summary>
    public void ToDestination(int bytes) => Volatile.Write(ref _sent, _sent + bytes);

    /// <summary>Counts what has moved since it was called last. Any thread.</summary>
    public void Tell()
    {
        var sent = Untold(ref _sentTold, Volatile.Read(ref _sent));
        var received = Untold(ref _receivedTold, Volatile.Read(ref _received));
        if (sent + received > 0) metrics.Moved(sent, received);
    }

    /// <summary>Raises what was told to <paramref name="moved"/>; never lowers it, as another thread may know of more already.</summary>
    private static long Untold(ref long told, long moved)
    {
        while (true)
        {
            var before = Volatile.Read(ref told);
            if (moved <= before) return 0;
            if (Interlocked.CompareExchange(ref told, moved, before) == before) return moved - before;
        }
    }
}
