using System.Buffers;
using System.Net.Sockets;
using PrivacyRelay.Timing;

namespace PrivacyRelay.Streams;

/// <summary>Moves bytes both ways until both directions have ended; each ends on its own.</summary>
internal static class DuplexPump
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Returns when both directions have ended, one has failed, or nothing moved for <paramref name="idleTimeout"/>; never throws for what a peer does.</summary>
    public static async Task RunAsync(DuplexStream client, DuplexStream upstream, TimeProvider time, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        using var idle = new IdleTimer(time, idleTimeout, cancellationToken);
        var up = CopyAsync(client, upstream, idle);
        var down = CopyAsync(upstream, client, idle);
        var ends = await Task.WhenAll(up, down);
        if (ends is [true, true]) return;
        // A cut must not look like an end: both sides get a reset.
        client.Abort();
        upstream.Abort();
    }

    /// <summary>True when <paramref name="from"/> ended and <paramref name="to"/> was told so; false when either failed, which stops the other direction too.</summary>
    private static async Task<bool> CopyAsync(DuplexStream from, DuplexStream to, IdleTimer idle)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, idle.Token)) > 0)
            {
                idle.Active();
                await to.WriteAsync(buffer.AsMemory(0, count), idle.Token);
                idle.Active();
            }

            await to.CompleteWritesAsync(idle.Token);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            idle.Cancel();
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
