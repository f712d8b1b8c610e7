using System.Buffers;
using System.Net.Sockets;

namespace PrivacyProxy.Tunnels;

/// <summary>
/// One open tunnel: two pumps between a client and an origin, each with at most one buffer.
/// Both end in order by half-closes, or both at once by the first thing that goes wrong.
/// </summary>
internal sealed class Tunnel : ITunnel
{
    private const int FirstBufferSize = 4 * 1024;
    private const int DirectSendSize = 16 * 1024;
    private const int CopyBufferSize = 128 * 1024;

    private readonly TunnelClient _client;
    private readonly Socket _origin;
    private readonly TunnelRegistry _registry;
    private readonly TunnelTraffic _traffic;
    private readonly Lock _gate = new();
    private TunnelEnding _ending;
    private long _lastActive;
    private volatile bool _clientEnded;
    private volatile bool _originEnded;

    public Tunnel(TunnelClient client, Socket origin, TunnelRegistry registry, TunnelTraffic traffic)
    {
        _client = client;
        _origin = origin;
        _registry = registry;
        _traffic = traffic;
        _lastActive = registry.Now;
        // So that a read which finds nothing says so, instead of holding a buffer until something comes.
        origin.Blocking = false;
    }

    /// <summary>True once a reason to end was given.</summary>
    private bool HasEnded
    {
        get
        {
            lock (_gate) return _ending != TunnelEnding.None;
        }
    }

    /// <summary>Pumps until both directions have ended; closes the origin's socket. Never throws.</summary>
    public async Task<TunnelEnding> RunAsync()
    {
        _registry.Add(this);
        var upload = UploadAsync();
        await DownloadAsync();
        await upload;
        _registry.Remove(this);
        _traffic.Tell();
        lock (_gate)
        {
            // From here on Stop does nothing: the client's stream may already serve another request.
            if (_ending == TunnelEnding.None) _ending = TunnelEnding.Finished;
            _origin.Dispose();
            return _ending;
        }
    }

    public void Stop(TunnelEnding reason)
    {
        lock (_gate)
        {
            if (_ending != TunnelEnding.None) return;
            _ending = reason;
            // Timeout 0 closes with a RST.
            _origin.Close(0);
            CancelRead();
            if (reason == TunnelEnding.Malformed) _client.ResetMalformed();
            else if (reason != TunnelEnding.OriginClosedGrace) _client.Reset();
        }
    }

    public void Sweep(TimeProvider time, long now, TunnelOptions options)
    {
        _traffic.Tell();
        var idle = time.GetElapsedTime(Volatile.Read(ref _lastActive), now);
        if (_originEnded && !_client.CanReadAfterComplete)
        {
            if (idle >= options.Http3OriginClosedGrace) Stop(TunnelEnding.OriginClosedGrace);
        }
        else if (idle >= (_originEnded || _clientEnded ? options.HalfClosedTimeout : options.IdleTimeout))
        {
            Stop(TunnelEnding.IdleTimeout);
        }
    }

    private void CancelRead()
    {
        try
        {
            _client.Input.CancelPendingRead();
        }
        catch (Exception)
        {
            // Kestrel's reader throws what broke it: then no read is waiting.
        }
    }

    private async Task UploadAsync()
    {
        var input = _client.Input;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                // Any other cancellation is not ours: the timer of the request's head may have fired while the head came to its end.
                if (result.IsCanceled && HasEnded) return;
                if (!await SendToOriginAsync(result.Buffer)) return;
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
            _origin.Shutdown(SocketShutdown.Send);
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
            var sent = await _origin.SendAsync(bytes, SocketFlags.None);
            _traffic.Received(sent);
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
            await _client.CompleteAsync();
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
            _client.ReleaseBuffer();
        }
    }

    /// <summary>True at the origin's end, false when the client is gone. A buffer is held only while bytes flow.</summary>
    private async ValueTask<bool> PumpFromOriginAsync()
    {
        var size = FirstBufferSize;
        await _origin.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
        while (true)
        {
            var buffer = _client.GetBuffer(size);
            var count = _origin.Receive(buffer.Span, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock)
            {
                _client.ReleaseBuffer();
                await _origin.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                continue;
            }

            if (error != SocketError.Success) throw new SocketException((int)error);
            if (count == 0) return true;
            if (!await _client.SendAsync(count))
            {
                Stop(TunnelEnding.ClientReset);
                return false;
            }

            _traffic.Sent(count);
            Touch();
            var wasFull = count == buffer.Length;
            size = wasFull ? Math.Min(size * 4, _client.MaxBufferSize) : size;
            if (count < FirstBufferSize)
            {
                // A small read left nothing behind, most likely: wait without asking again.
                size = FirstBufferSize;
                _client.ReleaseBuffer();
                await _origin.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
            }
        }
    }

    private void Touch() => Volatile.Write(ref _lastActive, _registry.Now);
}
