using Masque;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>A client's HTTP/3 connection (RFC 9114) for extended CONNECT (RFC 9220): the control streams, and a stream for each tunnel.</summary>
/// <remarks>.NET's own client cannot send <c>:protocol</c> over HTTP/3.</remarks>
internal sealed class Http3Connection : IAsyncDisposable
{
    /// <summary>Larger than any head with a handful of challenges, and than any SETTINGS.</summary>
    private const int MaxFrame = 32 * 1024;

    /// <summary>They come first, so a proxy that takes longer is asked another way.</summary>
    private static readonly TimeSpan _settingsTimeout = TimeSpan.FromSeconds(3);

    private readonly IQuicTransport _transport;
    private readonly TaskCompletionSource<bool> _allowsConnect = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private DuplexStream? _control;
    private Task _accepting = Task.CompletedTask;
    private volatile bool _isOver;

    private Http3Connection(IQuicTransport transport) => _transport = transport;

    /// <summary>Whether it takes no new requests any more.</summary>
    public bool IsOver => _isOver;

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
            // Settings of their defaults: no dynamic table, so no streams for one either.
            await connection._control.WriteAsync(new byte[] { (byte)Http3Codes.ControlStream, (byte)Http3Codes.SettingsFrame, 0 }, cancellationToken);
            connection._accepting = connection.AcceptAsync();
            return await connection._allowsConnect.Task.WaitAsync(_settingsTimeout, cancellationToken) ? connection : throw new Http3NotSpokenException();
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks for a tunnel on a stream of its own.</summary>
    /// <inheritdoc cref="IHopProtocol.AskAsync"/>
    public async ValueTask<HopAnswer?> AskAsync(ProxyPeer peer, TunnelKind kind, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        var stream = await _transport.OpenAsync(bidirectional: true, cancellationToken);
        try
        {
            var head = Qpack.Write(Fields(peer, kind, destination, authorization));
            var frame = new byte[CapsuleWriter.MaxHeaderLength + head.Length];
            var headerLength = CapsuleWriter.WriteHeader(frame, Http3Codes.HeadersFrame, (ulong)head.Length);
            head.CopyTo(frame, headerLength);
            authorization.WasSent = true;
            await stream.WriteAsync(frame.AsMemory(0, headerLength + head.Length), cancellationToken);
            var input = new FramedInput(stream);
            var response = await ReadResponseAsync(input, cancellationToken);
            if (!response.IsSuccess)
            {
                stream.Abort();
                await stream.DisposeAsync();
                return new HopAnswer(response, Tunnel: null);
            }

            var tunnel = new Http3TunnelStream(stream, input);
            return new HopAnswer(response, TunnelRequests.TunnelOver(kind, tunnel, tunnel));
        }
        catch
        {
            stream.Abort();
            await stream.DisposeAsync();
            throw;
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

    private static IEnumerable<KeyValuePair<string, string>> Fields(ProxyPeer peer, TunnelKind kind, Destination destination, HopAuthorization authorization)
    {
        yield return new(":method", "CONNECT");
        yield return new(":protocol", TunnelRequests.ProtocolOf(kind));
        yield return new(":scheme", "https");
        yield return new(":authority", peer.Proxy.Authority);
        yield return new(":path", TunnelRequests.PathOf(kind, destination));
        yield return new("capsule-protocol", CapsuleProtocolField.Value);
        if (authorization.Field is { } field) yield return new("authorization", field);
        if (peer.Geohash is { } geohash) yield return new("sec-ch-geohash", geohash);
    }

    private static async ValueTask<ConnectResponse> ReadResponseAsync(FramedInput input, CancellationToken cancellationToken)
    {
        while (await input.NextAsync(cancellationToken))
        {
            if (input.Type == Http3Codes.DataFrame) break;
            if (input.Type != Http3Codes.HeadersFrame) continue;
            if (input.Remaining > MaxFrame) throw new InvalidDataException("The head is too long.");
            if (!Qpack.TryReadResponse(await input.ReadWholeAsync(cancellationToken), out var status, out var fields)) break;
            if (status >= 200) return ConnectResponse.Of(status, fields);
        }

        throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy did not answer with HTTP/3.");
    }

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
                    _allowsConnect.TrySetResult(input.Remaining <= MaxFrame && AllowsConnect(await input.ReadWholeAsync(_closing.Token)));
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection has ended; whoever accepts streams sees that too.
        }
    }

    private static bool AllowsConnect(ReadOnlySpan<byte> settings)
    {
        while (VarInt.TryRead(settings, out var id, out var idLength) && VarInt.TryRead(settings[idLength..], out var value, out var valueLength))
        {
            if (id == Http3Codes.EnableConnectProtocol) return value == 1;
            settings = settings[(idLength + valueLength)..];
        }

        return false;
    }
}
