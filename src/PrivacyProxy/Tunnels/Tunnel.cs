using System.Buffers;
using System.Net.Sockets;

namespace PrivacyProxy.Tunnels;

/// <summary>
/// One open tunnel: two pumps between a client and an origin, each with at most one buffer.
/// Both end in order by half-closes, or both at once by the first thing that goes wrong.
/// </summary>
internal sealed class Tunnel : SocketTunnel
{
    private const int FirstBufferSize = 4 * 1024;
    private const int DirectSendSize = 16 * 1024;
    private const int CopyBufferSize = 128 * 1024;

    private long _lastActive;
    private volatile bool _clientEnded;
    private volatile bool _originEnded;
    private volatile bool _uploading;

    public Tunnel(TunnelClient client, Socket origin, TunnelRegistry registry, TunnelTraffic traffic)
        : base(client, origin, registry, traffic)
    {
        _lastActive = registry.Now;
        // So that a read which finds nothing says so, instead of holding a buffer until something comes.
        origin.Blocking = false;
    }

    protected override async Task PumpAsync()
    {
        var upload = UploadAsync();
        await DownloadAsync();
        await upload;
    }

    protected override bool BreaksClient(TunnelEnding reason) => reason != TunnelEnding.OriginClosedGrace;

    protected override TunnelEnding? Overdue(TimeProvider time, long now, TunnelOptions options)
    {
        var idle = time.GetElapsedTime(Volatile.Read(ref _lastActive), now);
        // While the origin takes nothing more, nobody reads from the client, and reading is what would tell.
        if (_uploading && idle >= TunnelRegistry.SweepInterval && Client.IsGone) return TunnelEnding.ClientReset;
        if (_originEnded && !Client.CanReadAfterComplete) return idle >= options.Http3OriginClosedGrace ? TunnelEnding.OriginClosedGrace : null;
        return idle >= (_originEnded || _clientEnded ? options.HalfClosedTimeout : options.IdleTimeout) ? TunnelEnding.IdleTimeout : null;
    }

    private async Task UploadAsync()
    {
        var input = Client.Input;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                // Any other cancellation is not ours: the timer of the request's head may have fired while the head came to its end.
                if (result.IsCanceled && HasEnded) return;
                _uploading = true;
                if (!await SendToOriginAsync(result.Buffer)) return;
                _uploading = false;
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted) break;
            }
        }
        catch (InvalidDataException)
        {
            Stop(TunnelEnding.Malformed);
            return;
        }
        catch (Exception)
        {
            // Whatever a broken connection throws: there is no client any more.
            Stop(TunnelEnding.ClientReset);
            return;
        }

        try
        {
            _clientEnded = true;
            Touch();
            Origin.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Stop(TunnelEnding.OriginReset);
        }
    }

    private async ValueTask<bool> SendToOriginAsync(ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsEmpty) return true;
        try
        {
            if (!bytes.IsSingleSegment && bytes.FirstSpan.Length < DirectSendSize)
            {
                await CopyAndSendAsync(bytes);
                return true;
            }

            foreach (var segment in bytes) await SendAllAsync(segment);
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Stop(TunnelEnding.OriginReset);
            return false;
        }
    }

    /// <summary>Small segments are joined first: a copy costs less than a system call for each.</summary>
    private async ValueTask CopyAndSendAsync(ReadOnlySequence<byte> bytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(bytes.Length, CopyBufferSize));
        try
        {
            while (!bytes.IsEmpty)
            {
                var part = bytes.Slice(0, Math.Min(bytes.Length, buffer.Length));
                part.CopyTo(buffer);
                await SendAllAsync(buffer.AsMemory(0, (int)part.Length));
                bytes = bytes.Slice(part.End);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = await Origin.SendAsync(bytes, SocketFlags.None);
            Traffic.ToDestination(sent);
            Touch();
            bytes = bytes[sent..];
        }
    }

    private async Task DownloadAsync()
    {
        try
        {
            if (!await PumpFromOriginAsync()) return;
            _originEnded = true;
            Touch();
            await Client.CompleteAsync();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Stop(TunnelEnding.OriginReset);
        }
        catch (Exception)
        {
            Stop(TunnelEnding.ClientReset);
        }
        finally
        {
            Client.ReleaseBuffer();
        }
    }

    /// <summary>True at the origin's end, false when the client is gone. A buffer is held only while bytes flow.</summary>
    private async ValueTask<bool> PumpFromOriginAsync()
    {
        var size = FirstBufferSize;
        await Origin.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
        while (true)
        {
            var buffer = Client.GetBuffer(size);
            var count = Origin.Receive(buffer.Span, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                Client.ReleaseBuffer();
                await Origin.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                continue;
            }

            if (error != SocketError.Success) throw new SocketException((int)error);
            if (count == 0) return true;
            if (!await Client.SendAsync(count))
            {
                Stop(TunnelEnding.ClientReset);
                return false;
            }

            Traffic.FromDestination(count);
            Touch();
            var wasFull = count == buffer.Length;
            size = wasFull ? Math.Min(size * 4, Client.MaxBufferSize) : size;
            if (count < FirstBufferSize)
            {
                // A small read left nothing behind, most likely: wait without asking again.
                size = FirstBufferSize;
                Client.ReleaseBuffer();
                await Origin.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
            }
        }
    }

    private void Touch() => Volatile.Write(ref _lastActive, Registry.Now);
}
