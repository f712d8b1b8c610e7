using System.Buffers;
using System.Net.Sockets;
using PrivacyRelay.Streams;
using PrivacyRelay.Timing;

namespace PrivacyRelay.HttpConnect;

/// <summary>Passes one request's body up and the whole answer down.</summary>
internal static class RequestForwarder
{
    private const int BufferSize = 16 * 1024;

    /// <summary>Returns when the origin has ended its answer, or something failed; never throws for what a peer does.</summary>
    public static async Task RunAsync(DuplexStream client, DuplexStream upstream, RequestBody body, IdleTimer idle)
    {
        var up = SendBodyAsync(client, upstream, body, idle);
        if (!await PassAnswerAsync(upstream, client, idle)) client.Abort();
        // The answer is complete: what is left of the body interests no one.
        idle.Cancel();
        await up;
    }

    private static async Task SendBodyAsync(DuplexStream client, DuplexStream upstream, RequestBody body, IdleTimer idle)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (!body.IsComplete)
            {
                var count = await client.ReadAsync(buffer, idle.Token);
                if (count == 0) throw new InvalidDataException("The client ended inside the body.");
                idle.Active();
                var own = body.Accept(buffer.AsSpan(0, count));
                await upstream.WriteAsync(buffer.AsMemory(0, own), idle.Token);
            }
        }
        catch (Exception e) when (IsPeerFailure(e))
        {
            // Without its body the request is broken; the answer side sees the cut.
            idle.Cancel();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<bool> PassAnswerAsync(DuplexStream upstream, DuplexStream client, IdleTimer idle)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = await upstream.ReadAsync(buffer, idle.Token)) > 0)
            {
                idle.Active();
                await client.WriteAsync(buffer.AsMemory(0, count), idle.Token);
            }

            await client.CompleteWritesAsync(idle.Token);
            return true;
        }
        catch (Exception e) when (IsPeerFailure(e))
        {
            idle.Cancel();
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool IsPeerFailure(Exception e) =>
        e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or InvalidDataException;
}
