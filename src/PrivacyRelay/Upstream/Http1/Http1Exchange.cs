using System.Text;
using Masque;
using Masque.Templates;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http1;

/// <summary>One request for a tunnel on a connection of its own, and the answer's head; what follows it belongs to the tunnel.</summary>
internal static class Http1Exchange
{
    /// <summary>Larger than any head with a handful of challenges.</summary>
    private const int MaxResponseHead = 32 * 1024;

    /// <summary>CONNECT (RFC 9110, section 9.3.6).</summary>
    /// <exception cref="TunnelException">The proxy closed the connection or did not answer with HTTP/1.1.</exception>
    public static async ValueTask<ConnectResponse> ConnectAsync(DuplexStream stream, ProxyPeer peer, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        var request = new StringBuilder("CONNECT ").Append(destination.Authority).Append(" HTTP/1.1\r\nHost: ").Append(destination.Authority).Append("\r\n");
        if (authorization.Field is not null) request.Append("Proxy-Authorization: ").Append(authorization.Field).Append("\r\n");
        return await SendAsync(stream, peer, request, authorization, cancellationToken);
    }

    /// <summary>GET with Upgrade: connect-udp (RFC 9298, section 3.2); 101 opens the tunnel.</summary>
    /// <exception cref="TunnelException">The proxy closed the connection or did not answer with HTTP/1.1.</exception>
    public static async ValueTask<ConnectResponse> UpgradeAsync(DuplexStream stream, ProxyPeer peer, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        var request = new StringBuilder("GET ").Append(TunnelRequests.PathOf(TunnelKind.Udp, destination)).Append(" HTTP/1.1\r\nHost: ").Append(peer.Proxy.Authority)
            .Append("\r\nConnection: Upgrade\r\nUpgrade: ").Append(MasqueTemplates.ConnectUdp)
            .Append("\r\n").Append(CapsuleProtocolField.Name).Append(": ").Append(CapsuleProtocolField.Value).Append("\r\n");
        if (authorization.Field is not null) request.Append("Authorization: ").Append(authorization.Field).Append("\r\n");
        return await SendAsync(stream, peer, request, authorization, cancellationToken);
    }

    private static async ValueTask<ConnectResponse> SendAsync(DuplexStream stream, ProxyPeer peer, StringBuilder request, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        if (peer.Geohash is not null) request.Append("sec-ch-geohash: ").Append(peer.Geohash).Append("\r\n");
        authorization.WasSent = true;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request.Append("\r\n").ToString()), cancellationToken);
        ConnectResponse? response;
        do
        {
            var head = await stream.ReadHeadAsync(MaxResponseHead, cancellationToken)
                ?? throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy closed the connection without an answer.");
            response = ConnectResponse.Parse(head) ?? throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy did not answer with HTTP/1.1.");
        }
        while (response.Status is < 200 and not ConnectResponse.SwitchingProtocols);
        return response;
    }
}
