using System.Net.Sockets;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Forwarding;

/// <summary>A connection to an origin: counts its bytes, and gives its place back when it is closed.</summary>
/// <param name="socket">Its own.</param>
/// <param name="metrics">Who is told of bytes.</param>
/// <param name="places">Where a place was reserved for it.</param>
internal sealed class OriginStream(Socket socket, TunnelMetrics metrics, ConnectionRegistry places) : NetworkStream(socket, ownsSocket: true)
{
    private int _closed;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await base.ReadAsync(buffer, cancellationToken);
        if (count > 0) metrics.Moved(0, count);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await base.WriteAsync(buffer, cancellationToken);
        metrics.Moved(buffer.Length, 0);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (Interlocked.Exchange(ref _closed, 1) == 0) places.ReleaseTunnel(connection: null, wasAccepted: false);
    }
}
