using System.Net.Sockets;


namespace PrivacyRelay.Upstream.Http3;

/// <summary>Asks a proxy over HTTP/3 by extended CONNECT: one connection carries many tunnels.</summary>
/// <param name="peer">The proxy.</param>
/// <param name="connect">A QUIC connection to it.</param>
internal sealed class Http3Hop(ProxyPeer peer, Func<ProxyPeer, CancellationToken, ValueTask<IQuicTransport>> connect) : IHopProtocol
{
    // One opens the connection while the others wait: a browser starts with many tunnels at once.
    private readonly SemaphoreSlim _opening = new(1, 1);
    private Http3Connection? _current;

    /// <inheritdoc cref="IHopProtocol.AskAsync"/>
    /// <exception cref="Http3NotSpokenException">There is no HTTP/3 connection to be had; nothing was sent.</exception>
    public async ValueTask<HopAnswer?> AskAsync(TunnelKind kind, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync(cancellationToken);
        try
        {
            return await connection.AskAsync(peer, kind, destination, authorization, cancellationToken);
        }
        catch (IOException) when (!authorization.WasSent)
        {
            // It had broken unseen, or is about to.
            return await (await ConnectionAsync(cancellationToken, notThis: connection)).AskAsync(peer, kind, destination, authorization, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_current is not null) await _current.DisposeAsync();
        _opening.Dispose();
    }

    private async ValueTask<Http3Connection> ConnectionAsync(CancellationToken cancellationToken, Http3Connection? notThis = null)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_current is { IsOver: false } current && current != notThis) return current;
            // The tunnels of one that goes away keep it; it is closed by the proxy.
            return _current = await Http3Connection.OpenAsync(await connect(peer, cancellationToken), cancellationToken);
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
}
