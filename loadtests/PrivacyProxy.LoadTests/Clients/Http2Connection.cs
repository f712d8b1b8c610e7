using System.Buffers.Binary;

namespace PrivacyProxy.LoadTests.Clients;

/// <summary>
/// A connection of HTTP/2 for tunnels by CONNECT. .NET's own client asks for tunnels of RFC 8441 alone, which other proxies do not
/// know, and costs as much as a proxy.
/// </summary>
internal sealed class Http2Connection
{
    /// <summary>What the proxy may send of a tunnel before it is read.</summary>
    public const int StreamWindow = 4 * 1024 * 1024;

    private const int ConnectionWindow = 1 << 30;
    private const int DefaultWindow = 65_535;

    /// <summary>A connection's window is given back in pieces of this.</summary>
    private const int GiveBackAfter = 1024 * 1024;

    private readonly Stream _stream;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Dictionary<int, Http2Tunnel> _tunnels = [];
    private byte[] _pending = new byte[64 * 1024];
    private byte[] _spare = new byte[64 * 1024];
    private int _pendingLength;
    private TaskCompletionSource _credit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sendWindow = DefaultWindow;
    private int _streamSendWindow = DefaultWindow;
    private int _nextId = 1;
    private int _received;
    private int _finished;
    private int _expected = int.MaxValue;
    private IOException? _goingAway;
    private IOException? _over;

    public Http2Connection(Stream stream) => _stream = stream;

    /// <summary>Whether it takes no more tunnels.</summary>
    public bool IsOver
    {
        get { lock (_lock) return (_over ?? _goingAway) is not null; }
    }

    public async ValueTask StartAsync()
    {
        lock (_lock)
        {
            Http2Frame.Preface.CopyTo(Reserve(Http2Frame.Preface.Length));
            (ushort Id, int Value)[] settings = [(Http2Frame.HeaderTableSize, 0), (Http2Frame.EnablePush, 0), (Http2Frame.InitialWindowSize, StreamWindow)];
            var frame = Append(6 * settings.Length, Http2Frame.Settings, 0, 0);
            for (var i = 0; i < settings.Length; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(frame[(6 * i)..], settings[i].Id);
                BinaryPrimitives.WriteInt32BigEndian(frame[(6 * i + 2)..], settings[i].Value);
            }

            BinaryPrimitives.WriteInt32BigEndian(Append(4, Http2Frame.WindowUpdate, 0, 0), ConnectionWindow - DefaultWindow);
        }

        await FlushAsync();
        _ = ReadFramesAsync();
    }

    /// <summary>Sends a CONNECT; its answer is the tunnel's.</summary>
    /// <exception cref="IOException">The connection is over.</exception>
    public async ValueTask<Http2Tunnel> AskAsync(string target, string? credential)
    {
        var block = Http2Frame.WriteConnect(target, credential);
        if (block.Length > Http2Frame.MaxPayload) throw new IOException("The request is too long.");
        Http2Tunnel tunnel;
        lock (_lock)
        {
            if ((_over ?? _goingAway) is { } reason) throw reason;
            tunnel = new Http2Tunnel(this, _nextId, _streamSendWindow);
            _nextId += 2;
            _tunnels[tunnel.Id] = tunnel;
            block.CopyTo(Append(block.Length, Http2Frame.Headers, Http2Frame.EndHeaders, tunnel.Id));
        }

        await FlushAsync();
        return tunnel;
    }

    public async ValueTask WriteAsync(Http2Tunnel tunnel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            Task? credit = null;
            lock (_lock)
            {
                if (_over is not null) throw _over;
                if (tunnel.IsSent) throw new IOException("The proxy reset the tunnel.");
                var most = (int)Math.Min(bytes.Length, Math.Min(_sendWindow, tunnel.SendWindow));
                if (most <= 0) credit = _credit.Task;
                for (; most > 0; most = Math.Min(most, bytes.Length))
                {
                    var count = Math.Min(most, Http2Frame.MaxPayload);
                    bytes.Span[..count].CopyTo(Append(count, Http2Frame.Data, 0, tunnel.Id));
                    bytes = bytes[count..];
                    tunnel.SendWindow -= count;
                    _sendWindow -= count;
                    most -= count;
                }
            }

            if (credit is null) await FlushAsync();
            else await credit.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask CompleteAsync(Http2Tunnel tunnel)
    {
        lock (_lock)
        {
            if (tunnel.IsSent) return;
            tunnel.IsSent = true;
            Append(0, Http2Frame.Data, Http2Frame.EndStream, tunnel.Id);
        }

        await FlushAsync();
    }

    /// <summary>Forgets a tunnel, which is reset if it is not over.</summary>
    public async ValueTask ReleaseAsync(Http2Tunnel tunnel)
    {
        bool isReset;
        lock (_lock)
        {
            isReset = _tunnels.Remove(tunnel.Id) && !(tunnel.IsSent && tunnel.IsReceived) && _over is null;
            if (isReset) BinaryPrimitives.WriteUInt32BigEndian(Append(4, Http2Frame.RstStream, 0, tunnel.Id), Http2Frame.Cancel);
        }

        if (isReset) await FlushAsync();
        await FinishAsync();
    }

    /// <summary>One of those that were to use it has done so, or could not.</summary>
    public ValueTask FinishAsync()
    {
        lock (_lock)
        {
            if (++_finished < _expected) return ValueTask.CompletedTask;
        }

        return CloseAsync();
    }

    /// <summary>Closes it once as many have finished.</summary>
    public ValueTask RetireAsync(int expected)
    {
        lock (_lock)
        {
            _expected = expected;
            if (_finished < expected) return ValueTask.CompletedTask;
        }

        return CloseAsync();
    }

    /// <summary>Lets the proxy send more of a tunnel.</summary>
    public void GiveBack(int id, int count)
    {
        lock (_lock) BinaryPrimitives.WriteInt32BigEndian(Append(4, Http2Frame.WindowUpdate, 0, id), count);
        _ = FlushQuietlyAsync();
    }

    private ValueTask CloseAsync()
    {
        End(new IOException("The connection was closed."));
        return _stream.DisposeAsync();
    }

    private async Task ReadFramesAsync()
    {
        var buffer = new byte[256 * 1024];
        var (start, end) = (0, 0);
        try
        {
            while (true)
            {
                var read = await _stream.ReadAsync(buffer.AsMemory(end), CancellationToken.None);
                if (read == 0) throw new IOException("The proxy closed the connection.");
                end += read;
                while (end - start >= Http2Frame.HeaderLength && Length(buffer, start) is var length && end - start >= Http2Frame.HeaderLength + length)
                {
                    await TakeAsync(buffer, start, length);
                    start += Http2Frame.HeaderLength + length;
                }

                if (end - start >= Http2Frame.HeaderLength && Length(buffer, start) > Http2Frame.MaxPayload) throw new IOException("The proxy sent a frame that is too long.");
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                // Not awaited: a proxy that cannot write does not read.
                if (HasPending) _ = FlushQuietlyAsync();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            End(e as IOException ?? new IOException("The connection was closed.", e));
            await _stream.DisposeAsync();
        }
    }

    private bool HasPending
    {
        get { lock (_lock) return _pendingLength > 0; }
    }

    private static int Length(byte[] buffer, int start) => (buffer[start] << 16) | (buffer[start + 1] << 8) | buffer[start + 2];

    private async ValueTask TakeAsync(byte[] buffer, int start, int length)
    {
        var (type, flags, id) = (buffer[start + 3], buffer[start + 4], BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start + 5)) & int.MaxValue);
        var payload = buffer.AsMemory(start + Http2Frame.HeaderLength, length);
        switch (type)
        {
            case Http2Frame.Data:
                TakeCredit(length);
                if (Find(id) is not { } tunnel) return;
                await tunnel.ReceiveAsync(WithoutPadding(payload, flags));
                if ((flags & Http2Frame.EndStream) != 0) tunnel.ReceiveEnd();
                return;
            case Http2Frame.Headers:
                if (Find(id) is not { } asked) return;
                var block = WithoutPadding(payload, flags);
                asked.Answered(Http2Frame.ReadStatus(((flags & Http2Frame.Priority) != 0 ? block[5..] : block).Span));
                if ((flags & Http2Frame.EndStream) != 0) asked.ReceiveEnd();
                return;
            case Http2Frame.RstStream:
                Find(id)?.Fail(new IOException($"The proxy reset the tunnel with {BinaryPrimitives.ReadUInt32BigEndian(payload.Span)}."));
                Credited();
                return;
            case Http2Frame.Settings when (flags & Http2Frame.Ack) == 0:
                TakeSettings(payload.Span);
                return;
            case Http2Frame.Ping when (flags & Http2Frame.Ack) == 0:
                lock (_lock) payload.Span.CopyTo(Append(length, Http2Frame.Ping, Http2Frame.Ack, 0));
                return;
            case Http2Frame.GoAway:
                lock (_lock) _goingAway ??= new IOException($"The proxy ends the connection with {BinaryPrimitives.ReadUInt32BigEndian(payload.Span[4..])}.");
                return;
            case Http2Frame.WindowUpdate:
                lock (_lock)
                {
                    var more = BinaryPrimitives.ReadInt32BigEndian(payload.Span) & int.MaxValue;
                    if (id == 0) _sendWindow += more;
                    else if (_tunnels.GetValueOrDefault(id) is { } sending) sending.SendWindow += more;
                }

                Credited();
                return;
        }
    }

    private static ReadOnlyMemory<byte> WithoutPadding(ReadOnlyMemory<byte> payload, byte flags) =>
        (flags & Http2Frame.Padded) == 0 ? payload : payload[1..^payload.Span[0]];

    private void TakeSettings(ReadOnlySpan<byte> settings)
    {
        lock (_lock)
        {
            for (; settings.Length >= 6; settings = settings[6..])
            {
                if (BinaryPrimitives.ReadUInt16BigEndian(settings) != Http2Frame.InitialWindowSize) continue;
                var window = BinaryPrimitives.ReadInt32BigEndian(settings[2..]);
                foreach (var tunnel in _tunnels.Values) tunnel.SendWindow += window - _streamSendWindow;
                _streamSendWindow = window;
            }

            Append(0, Http2Frame.Settings, Http2Frame.Ack, 0);
        }

        Credited();
    }

    private void TakeCredit(int length)
    {
        _received += length;
        if (_received < GiveBackAfter) return;
        lock (_lock) BinaryPrimitives.WriteInt32BigEndian(Append(4, Http2Frame.WindowUpdate, 0, 0), _received);
        _received = 0;
    }

    /// <summary>Those that wait for room look again.</summary>
    private void Credited()
    {
        TaskCompletionSource credit;
        lock (_lock) (credit, _credit) = (_credit, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        credit.TrySetResult();
    }

    private Http2Tunnel? Find(int id)
    {
        lock (_lock) return _tunnels.GetValueOrDefault(id);
    }

    private void End(IOException reason)
    {
        List<Http2Tunnel> open;
        lock (_lock)
        {
            _over ??= reason;
            open = [.. _tunnels.Values];
            _tunnels.Clear();
        }

        foreach (var tunnel in open) tunnel.Fail(reason);
        Credited();
    }

    /// <summary>A frame that goes out with the next flush; the lock is held.</summary>
    private Span<byte> Append(int length, byte type, byte flags, int stream)
    {
        var frame = Reserve(Http2Frame.HeaderLength + length);
        Http2Frame.WriteHeader(frame, length, type, flags, stream);
        return frame[Http2Frame.HeaderLength..];
    }

    private Span<byte> Reserve(int length)
    {
        if (_pending.Length - _pendingLength < length) Array.Resize(ref _pending, Math.Max(2 * _pending.Length, _pendingLength + length));
        _pendingLength += length;
        return _pending.AsSpan(_pendingLength - length, length);
    }

    /// <summary>Whoever comes first writes what all have appended; the others find nothing left.</summary>
    private async ValueTask FlushAsync()
    {
        await _writing.WaitAsync();
        try
        {
            byte[] bytes;
            int length;
            lock (_lock)
            {
                (bytes, length) = (_pending, _pendingLength);
                if (length == 0) return;
                (_pending, _spare, _pendingLength) = (_spare, bytes, 0);
            }

            await _stream.WriteAsync(bytes.AsMemory(0, length), CancellationToken.None);
        }
        catch (ObjectDisposedException e)
        {
            throw new IOException("The connection was closed.", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task FlushQuietlyAsync()
    {
        try
        {
            await FlushAsync();
        }
        catch (IOException)
        {
            // The reading side sees it too.
        }
    }
}
