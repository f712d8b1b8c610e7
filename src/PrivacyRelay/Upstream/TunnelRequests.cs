using Masque;
using Masque.Templates;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream;

/// <summary>Extended CONNECT to the default places of tunnels (RFC 8441, RFC 9220), and what comes back.</summary>
internal static class TunnelRequests
{
    private static readonly TargetTemplate _tcp = Template(MasqueTemplates.DefaultTcp);
    private static readonly TargetTemplate _udp = Template(MasqueTemplates.DefaultUdp);

    /// <summary>The path of a tunnel.</summary>
    public static string PathOf(TunnelKind kind, Destination destination) =>
        (kind == TunnelKind.Udp ? _udp : _tcp).Expand(destination.Host, destination.Port);

    /// <summary>The name of a kind as <c>:protocol</c>.</summary>
    public static string ProtocolOf(TunnelKind kind) => kind == TunnelKind.Udp ? MasqueTemplates.ConnectUdp : MasqueTemplates.ConnectTcp;

    /// <summary>A request of exactly the version that the caller sets.</summary>
    public static HttpRequestMessage Create(TunnelKind kind, ProxyPeer peer, Destination destination, HopAuthorization authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Connect, new Uri(peer.Proxy, PathOf(kind, destination))) { VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Protocol = ProtocolOf(kind);
        request.Headers.TryAddWithoutValidation(CapsuleProtocolField.Name, CapsuleProtocolField.Value);
        if (authorization.Field is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization.Field);
        if (peer.Geohash is not null) request.Headers.TryAddWithoutValidation("sec-ch-geohash", peer.Geohash);
        return request;
    }

    /// <summary>The answer, and with a 2xx the tunnel, which takes the response over.</summary>
    public static async ValueTask<HopAnswer> ReadAsync(TunnelKind kind, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var answer = ConnectResponse.Of(response);
        if (!answer.IsSuccess)
        {
            response.Dispose();
            return new HopAnswer(answer, Tunnel: null);
        }

        var exchange = new ResponseStream(response, await response.Content.ReadAsStreamAsync(cancellationToken));
        return new HopAnswer(answer, TunnelOver(kind, exchange, new ExchangeEnds(exchange)));
    }

    /// <summary>The tunnel in the capsules of an accepted request, and in the datagrams beside them.</summary>
    public static DuplexStream TunnelOver(TunnelKind kind, Stream capsules, IStreamEnds ends, IStreamDatagrams? datagrams = null)
    {
        // Those for UDP are read by whoever wants datagrams.
        if (kind == TunnelKind.Udp) return new DuplexStream(capsules, ends) { Datagrams = datagrams };
        var tcp = new DataCapsuleStream(capsules);
        return new DuplexStream(tcp, new TcpCapsuleEnds(tcp, ends));
    }

    private static TargetTemplate Template(string text) =>
        TargetTemplate.TryParse(text, out var template) ? template : throw new ArgumentException("Not a template.", nameof(text));
}
