using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http1;

/// <summary>Asks a proxy over HTTP/1.1, each time on a new connection: CONNECT for TCP, GET with Upgrade for UDP.</summary>
/// <remarks>A refused CONNECT ends its connection (RFC 9931, section 8).</remarks>
/// <param name="peer">The proxy.</param>
/// <param name="dial">A stream that reaches it, without TLS.</param>
internal sealed class Http1Hop(ProxyPeer peer, Func<CancellationToken, ValueTask<DuplexStream>> dial) : IHopProtocol
{
    public async ValueTask<HopAnswer?> AskAsync(TunnelKind kind, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken) =>
        await AskAsync(await peer.SecureAsync(await dial(cancellationToken), cancellationToken), kind, destination, authorization, cancellationToken);

    /// <summary>Asks on a connection that is there and has negotiated HTTP/1.1.</summary>
    public async ValueTask<HopAnswer> AskAsync(DuplexStream stream, TunnelKind kind, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        try
        {
            var isUdp = kind == TunnelKind.Udp;
            var response = isUdp
                ? await Http1Exchange.UpgradeAsync(stream, peer, destination, authorization, cancellationToken)
                : await Http1Exchange.ConnectAsync(stream, peer, destination, authorization, cancellationToken);
            if (isUdp ? response.Status == ConnectResponse.SwitchingProtocols : response.IsSuccess) return new HopAnswer(response, stream);
            await stream.DisposeAsync();
            return new HopAnswer(response, Tunnel: null);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
