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
    private readonly Http2Output _output;
    private readonly Dictionary<int, Http2Tunnel> _tunnels = [];
    private TaskCompletionSource _credit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sendWindow = DefaultWindow;
    private int _streamSendWindow = DefaultWindow;
    private int _nextId = 1;
    private int _received;
    private int _finished;
    private int _expected = int.MaxValue;
    private IOException? _goingAway;
    private IOException? _over;

    public Http2Connection(Stream stream) => (_stream, _output) = (stream, new Http2Output(stream, _lock));

    /// <summary>Whether it takes no more tunnels.</summary>
    public bool IsOver
    {
        get { lock (_lock) return (_over ?? _goingAway) is not null; }
    }

    public async ValueTask StartAsync()
    {
        lock (_lock)
        {
            Http2Frame.Preface.CopyTo(_output.Reserve(Http2Frame.Preface.Length));
            (ushort Id, int Value)[] settings = [(Http2Frame.HeaderTableSize, 0), (Http2Frame.EnablePush, 0), (Http2Frame.InitialWindowSize, StreamWindow)];
            var frame = _output.Append(6 * settings.Length, Http2Frame.Settings, 0, 0);
            for (var i = 0; i < settings.Length; i++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(frame[(6 * i)..], settings[i].Id);
                BinaryPrimitives.WriteInt32BigEndian(frame[(6 * i + 2)..], settings[i].Value);
            }

            BinaryPrimitives.WriteInt32BigEndian(_output.Append(4, Http2Frame.WindowUpdate, 0, 0), ConnectionWindow - DefaultWindow);
        }

        await _output.FlushAsync();
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
            block.CopyTo(_output.Append(block.Length, Http2Frame.Headers, Http2Frame.EndHeaders, tunnel.Id));
        }

        await _output.FlushAsync();
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
                    bytes.Span[..count].CopyTo(_output.Append(count, Http2Frame.Data, 0, tunnel.Id));
                    bytes = bytes[count..];
                    tunnel.SendWindow -= count;
                    _sendWindow -= count;
                    most -= count;
                }
            }

            if (credit is null) await _output.FlushAsync();
            else await credit.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask CompleteAsync(Http2Tunnel tunnel)
    {
        lock (_lock)
        {
            if (tunnel.IsSent) return;
            tunnel.IsSent = true;
            _output.Append(0, Http2Frame.Data, Http2Frame.EndStream, tunnel.Id);
        }

        await _output.FlushAsync();
    }

    /// <summary>Forgets a tunnel, which is reset if it is not over.</summary>
    public async ValueTask ReleaseAsync(Http2Tunnel tunnel)
    {
        bool isReset;
        lock (_lock)
        {
            isReset = _tunnels.Remove(tunnel.Id) && !(tunnel.IsSent && tunnel.IsReceived) && _over is null;
            if (isReset) BinaryPrimitives.WriteUInt32BigEndian(_output.Append(4, Http2Frame.RstStream, 0, tunnel.Id), Http2Frame.Cancel);
        }

        if (isReset) await _output.FlushAsync();
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
        lock (_lock) BinaryPrimitives.WriteInt32BigEndian(_output.Append(4, Http2Frame.WindowUpdate, 0, id), count);
        _ = _output.FlushQuietlyAsync();
    }

    private ValueTask CloseAsync()
    {
        End(new IOException("The connection was closed."));
        return _stream.DisposeAsync();
    }

    private async Task ReadFramesAsync()
    {
        try
        {
            // Not awaited: a proxy that cannot write does not read.
            await Http2Input.ReadAsync(_stream, TakeAsync, () => _output.HasPending ? _output.FlushQuietlyAsync() : Task.CompletedTask);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            End(e as IOException ?? new IOException("The connection was closed.", e));
            await _stream.DisposeAsync();
        }
    }

    private async ValueTask TakeAsync(byte type, byte flags, int id, ReadOnlyMemory<byte> payload)
    {
        switch (type)
        {
            case Http2Frame.Data:
                TakeCredit(payload.Length);
                if (Find(id) is not { } tunnel) return;
                await tunnel.ReceiveAsync(Http2Input.WithoutPadding(payload, flags));
                if ((flags & Http2Frame.EndStream) != 0) tunnel.ReceiveEnd();
                return;
            case Http2Frame.Headers:
                if (Find(id) is not { } asked) return;
                var block = Http2Input.WithoutPadding(payload, flags);
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
                lock (_lock) payload.Span.CopyTo(_output.Append(payload.Length, Http2Frame.Ping, Http2Frame.Ack, 0));
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

            _output.Append(0, Http2Frame.Settings, Http2Frame.Ack, 0);
        }

        Credited();
    }

    private void TakeCredit(int length)
    {
        _received += length;
        if (_received < GiveBackAfter) return;
        lock (_lock) BinaryPrimitives.WriteInt32BigEndian(_output.Append(4, Http2Frame.WindowUpdate, 0, 0), _received);
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
}
