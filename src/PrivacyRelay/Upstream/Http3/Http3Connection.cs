using System.Diagnostics;
using Masque;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>A client's HTTP/3 connection (RFC 9114) for CONNECT, extended (RFC 9220) or classic: the control streams, and a stream for each tunnel.</summary>
/// <remarks>.NET's own client cannot send <c>:protocol</c> over HTTP/3.</remarks>
internal sealed class Http3Connection : IAsyncDisposable
{
    /// <summary>They come first, so a proxy that takes longer is asked another way.</summary>
    private static readonly TimeSpan _settingsTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long a proxy near by may take to answer what costs it nothing; one far away gets more.</summary>
    private static readonly TimeSpan _shortestProbe = TimeSpan.FromMilliseconds(500);

    private readonly IQuicTransport _transport;
    private readonly RequestDatagrams _datagrams;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<bool> _allowsConnect = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private DuplexStream? _control;
    private Task _accepting = Task.CompletedTask;
    private volatile bool _isOver;
    private volatile bool _peerTakesDatagrams;
    private TimeSpan _probeTimeout = _shortestProbe;
    private int _open;
    private int _full = int.MaxValue;

    private Http3Connection(IQuicTransport transport) => (_transport, _datagrams) = (transport, new RequestDatagrams(transport));

    /// <summary>Whether it takes no new requests any more.</summary>
    public bool IsOver => _isOver;

    /// <summary>Takes a place for one request, which is given back when its tunnel ends; false when there is none, as far as is known.</summary>
    public bool TryTakePlace()
    {
        lock (_lock)
        {
            if (_isOver || _open >= _full) return false;
            _open++;
            return true;
        }
    }

    /// <summary>Whether there is no tunnel and no request.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock) return _open == 0;
        }
    }

    /// <summary>Takes no new requests any more, if there is none and no tunnel.</summary>
    public bool TryRetire()
    {
        lock (_lock)
        {
            if (_open > 0) return false;
            _isOver = true;
            return true;
        }
    }

    /// <summary>Takes no new requests any more; the tunnels that are open keep it.</summary>
    public void Retire() => _isOver = true;

    /// <summary>Begins HTTP/3 on a connection, which then belongs to it, and waits for the proxy's settings.</summary>
    /// <exception cref="Http3NotSpokenException">The proxy does not announce extended CONNECT.</exception>
    /// <exception cref="IOException">The connection is broken.</exception>
    /// <exception cref="TimeoutException">The proxy sends no settings.</exception>
    public static async ValueTask<Http3Connection> OpenAsync(IQuicTransport transport, CancellationToken cancellationToken)
    {
        var connection = new Http3Connection(transport);
        try
        {
            connection._control = await transport.OpenAsync(bidirectional: false, cancellationToken);
            if (transport.HasDatagrams) transport.DatagramHandler = connection._datagrams.Receive;
            // Settings of their defaults: no dynamic table, so no streams for one either.
            byte[] settings = transport.HasDatagrams ? [(byte)Http3Codes.H3Datagram, 1] : [];
            await connection._control.WriteAsync((byte[])[(byte)Http3Codes.ControlStream, (byte)Http3Codes.SettingsFrame, (byte)settings.Length, .. settings], cancellationToken);
            connection._accepting = connection.AcceptAsync();
            var startedAt = Stopwatch.GetTimestamp();
            if (!await connection._allowsConnect.Task.WaitAsync(_settingsTimeout, cancellationToken)) throw new Http3NotSpokenException();
            var roundTrip = Stopwatch.GetElapsedTime(startedAt);
            if (3 * roundTrip > _shortestProbe) connection._probeTimeout = 3 * roundTrip;
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks for a tunnel on a stream of its own, on a place that was taken.</summary>
    /// <param name="peer">The proxy.</param>
    /// <param name="kind">What kind of tunnel.</param>
    /// <param name="isClassic">Whether one for TCP is asked for by CONNECT as every version of HTTP has it, not by connect-tcp.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="authorization">What pays for it.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>The answer; null when nothing was sent, since the proxy allows no more streams for now, or when it does not answer anything at all.</returns>
    /// <inheritdoc cref="IHopProtocol.AskAsync"/>
    public async ValueTask<HopAnswer?> AskAsync(ProxyPeer peer, TunnelKind kind, bool isClassic, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        DuplexStream? stream = null;
        RequestDatagrams.Flow? datagrams = null;
        var id = -1L;
        var isTunnel = false;
        try
        {
            if (await TryOpenAsync(cancellationToken) is not { } opened) return null;
            (stream, id) = opened;
            if (kind == TunnelKind.Udp && _peerTakesDatagrams) datagrams = _datagrams.Add(id);
            authorization.WasSent = true;
            var head = isClassic ? RequestHeads.OfClassicTunnel(peer, destination, authorization) : RequestHeads.OfTunnel(peer, kind, destination, authorization);
            await RequestHeads.WriteAsync(stream, head, cancellationToken);
            var input = new FramedInput(stream);
            var reading = RequestHeads.ReadAnswerAsync(input, cancellationToken).AsTask();
            if (!await IsAnsweredAsync(reading, peer, cancellationToken))
            {
                Abandon(reading);
                return null;
            }

            var response = await reading;
            if (!response.IsSuccess) return new HopAnswer(response, Tunnel: null);
            var tunnel = new Http3TunnelStream(stream, input, isClassic, () => GivePlaceBack(id));
            isTunnel = true;
            return new HopAnswer(response, isClassic ? new DuplexStream(tunnel, tunnel) : TunnelRequests.TunnelOver(kind, tunnel, tunnel, datagrams));
        }
        finally
        {
            if (!isTunnel)
            {
                if (stream is not null)
                {
                    stream.Abort();
                    await stream.DisposeAsync();
                }

                GivePlaceBack(id);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        await _closing.CancelAsync();
        await _transport.DisposeAsync();
        await _accepting;
        if (_control is not null) await _control.DisposeAsync();
        _closing.Dispose();
    }

    private void GivePlaceBack(long id)
    {
        _datagrams.Remove(id);
        lock (_lock) _open--;
    }

    /// <summary>Null when the proxy allows no more streams for now.</summary>
    private async ValueTask<RequestStream?> TryOpenAsync(CancellationToken cancellationToken)
    {
        if (await _transport.TryOpenRequestAsync(cancellationToken) is { } opened) return opened;
        // As many as there are besides this one: until one of them ends there is no place.
        lock (_lock) _full = Math.Max(1, _open - 1);
        return null;
    }

    /// <summary>
    /// Waits for the answer, which may take as long as the way to the destination. False when the proxy has gone without a word, as one
    /// that was killed has: it does not answer a question either that costs it nothing.
    /// </summary>
    private async ValueTask<bool> IsAnsweredAsync(Task reading, ProxyPeer peer, CancellationToken cancellationToken)
    {
        for (var patience = _probeTimeout; await Task.WhenAny(reading, Task.Delay(patience, cancellationToken)) != reading; patience *= 2)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!await IsAliveAsync(peer, cancellationToken) && !reading.IsCompleted) return false;
        }

        return true;
    }

    private async ValueTask<bool> IsAliveAsync(ProxyPeer peer, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(_probeTimeout);
        DuplexStream? stream = null;
        try
        {
            // Without a stream for the question nothing is known.
            if (await _transport.TryOpenRequestAsync(timeout.Token) is not { } opened) return true;
            stream = opened.Stream;
            await RequestHeads.WriteAsync(stream, [new(":method", "OPTIONS"), new(":scheme", "https"), new(":authority", peer.Proxy.Authority), new(":path", "*")], timeout.Token);
            await stream.CompleteWritesAsync(timeout.Token);
            _ = await stream.PeekAsync(timeout.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return stream is null;
        }
        catch (IOException)
        {
            // Refused, which is an answer, unless all has ended.
            return !_isOver;
        }
        finally
        {
            if (stream is not null)
            {
                stream.Abort();
                await stream.DisposeAsync();
            }
        }
    }

    /// <summary>Its stream is about to be aborted, and what becomes of it interests no one.</summary>
    private static void Abandon(Task task) =>
        _ = task.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private async Task AcceptAsync()
    {
        var reading = new List<Task>();
        try
        {
            while (true) reading.Add(ReadAsync(await _transport.AcceptAsync(_closing.Token)));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            _isOver = true;
            _allowsConnect.TrySetException(new IOException("The connection to the proxy broke.", e));
            // Nobody need wait for it.
            _ = _allowsConnect.Task.Exception;
        }

        await Task.WhenAll(reading);
        await _transport.DisposeAsync();
    }

    /// <summary>The proxy's control stream; those of QPACK carry nothing without a dynamic table.</summary>
    private async Task ReadAsync(DuplexStream stream)
    {
        try
        {
            await using (stream)
            {
                var input = new FramedInput(stream);
                if (await input.ReadNumberAsync(_closing.Token) != Http3Codes.ControlStream)
                {
                    await stream.CopyToAsync(Stream.Null, _closing.Token);
                    return;
                }

                while (await input.NextAsync(_closing.Token))
                {
                    if (input.Type == Http3Codes.GoAwayFrame) _isOver = true;
                    if (input.Type != Http3Codes.SettingsFrame) continue;
                    var settings = input.Remaining <= RequestHeads.MaxFrame ? await input.ReadWholeAsync(_closing.Token) : [];
                    _peerTakesDatagrams = _transport.MaxDatagramSize > 0 && IsOn(settings, Http3Codes.H3Datagram);
                    _allowsConnect.TrySetResult(IsOn(settings, Http3Codes.EnableConnectProtocol));
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection has ended; whoever accepts streams sees that too.
        }
    }

    private static bool IsOn(ReadOnlySpan<byte> settings, ulong setting)
    {
        while (VarInt.TryRead(settings, out var id, out var idLength) && VarInt.TryRead(settings[idLength..], out var value, out var valueLength))
        {
            if (id == setting) return value == 1;
            settings = settings[(idLength + valueLength)..];
        }

        return false;
    }
}
