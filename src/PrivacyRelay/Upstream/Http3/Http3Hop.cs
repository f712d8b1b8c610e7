using System.Net.Sockets;
using PrivacyRelay.Timing;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>
/// Asks a proxy over HTTP/3: a connection carries many tunnels, and there are as many as that takes. By extended CONNECT; one that knows
/// no connect-tcp is asked for tunnels of TCP by CONNECT as every version has it.
/// </summary>
internal sealed class Http3Hop : IHopProtocol
{
    /// <summary>A connection without tunnels is closed when it is seen so for the second time.</summary>
    private static readonly TimeSpan _idleTimeout = TimeSpan.FromMinutes(1);

    /// <summary>A proxy may be updated while the relay runs.</summary>
    private static readonly TimeSpan _memory = TimeSpan.FromMinutes(10);

    private readonly ProxyPeer _peer;
    private readonly Remembered _noConnectTcp;
    private readonly Func<ProxyPeer, CancellationToken, ValueTask<IQuicTransport>> _connect;

    // One opens a connection while the others wait: a browser starts with many tunnels at once.
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly Lock _lock = new();

    // The one with most tunnels first, so that the others can come to their end.
    private readonly List<Http3Connection> _connections = [];
    private readonly ITimer _idleTimer;
    private Http3Connection[] _seenIdle = [];

    /// <param name="peer">The proxy.</param>
    /// <param name="connect">A QUIC connection to it.</param>
    /// <param name="time">The clock of idle connections.</param>
    public Http3Hop(ProxyPeer peer, Func<ProxyPeer, CancellationToken, ValueTask<IQuicTransport>> connect, TimeProvider time)
    {
        _peer = peer;
        _connect = connect;
        _noConnectTcp = new Remembered(_memory, time);
        _idleTimer = time.CreateTimer(static state => ((Http3Hop)state!).CloseIdle(), this, _idleTimeout / 2, _idleTimeout / 2);
    }

    /// <inheritdoc cref="IHopProtocol.AskAsync"/>
    /// <exception cref="Http3NotSpokenException">There is no HTTP/3 connection to be had; nothing was sent.</exception>
    public async ValueTask<HopAnswer?> AskAsync(TunnelKind kind, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        var isClassic = kind == TunnelKind.Tcp && _noConnectTcp.Holds;
        while (true)
        {
            var connection = await PlaceAsync(cancellationToken);
            try
            {
                if (await connection.AskAsync(_peer, kind, isClassic, destination, authorization, cancellationToken) is { } answer)
                {
                    if (kind != TunnelKind.Tcp || isClassic || !answer.Response.IsUnknownResource) return answer;
                    _noConnectTcp.Note();
                    return null;
                }

                if (!authorization.WasSent) continue;
                // It has gone without a word; what was sent is lost, so the next try is another request.
                connection.Retire();
                return null;
            }
            catch (IOException) when (!authorization.WasSent)
            {
                // It had broken unseen, or is about to.
                connection.Retire();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _idleTimer.DisposeAsync();
        Http3Connection[] connections;
        lock (_lock) connections = [.. _connections];
        foreach (var connection in connections) await connection.DisposeAsync();
        _opening.Dispose();
    }

    /// <summary>A connection with a place that is taken.</summary>
    private async ValueTask<Http3Connection> PlaceAsync(CancellationToken cancellationToken)
    {
        if (TryTakePlace() is { } there) return there;
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (TryTakePlace() is { } opened) return opened;
            var connection = await Http3Connection.OpenAsync(await _connect(_peer, cancellationToken), cancellationToken);
            connection.TryTakePlace();
            lock (_lock) _connections.Add(connection);
            return connection;
        }
        catch (Exception e) when (e is IOException or SocketException or TimeoutException)
        {
            throw e as Http3NotSpokenException ?? new Http3NotSpokenException("The proxy cannot be reached over HTTP/3.", e);
        }
        finally
        {
            _opening.Release();
        }
    }

    private Http3Connection? TryTakePlace()
    {
        lock (_lock)
        {
            // The tunnels of one that goes away keep it; it is closed by the proxy.
            _connections.RemoveAll(static connection => connection.IsOver);
            return _connections.Find(static connection => connection.TryTakePlace());
        }
    }

    private void CloseIdle()
    {
        lock (_lock)
        {
            foreach (var connection in _seenIdle.Where(static connection => connection.TryRetire())) _ = CloseAsync(connection);
            _connections.RemoveAll(static connection => connection.IsOver);
            _seenIdle = [.. _connections.Where(static connection => connection.IsIdle)];
        }
    }

    private static async Task CloseAsync(Http3Connection connection)
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It had ended by itself.
        }
    }
}
