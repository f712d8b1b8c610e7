using MsQuic;
using PrivacyRelay.Configuration;
using PrivacyRelay.Streams;
using PrivacyRelay.Upstream.Http1;
using PrivacyRelay.Upstream.Http2;
using PrivacyRelay.Upstream.Http3;

namespace PrivacyRelay.Upstream;

/// <summary>Chooses how each proxy is asked.</summary>
internal sealed class HopProtocols(UpstreamVersion version, TimeSpan connectTimeout, TimeProvider time)
{
    /// <summary>The protocol for a proxy, reached through the hop before it, if there is one.</summary>
    public IHopProtocol Create(ProxyPeer peer, Hop? before)
    {
        Func<CancellationToken, ValueTask<DuplexStream>> dial = before is null
            ? peer.DialAsync
            : cancellationToken => before.OpenAsync(TunnelKind.Tcp, peer.Destination, cancellationToken);
        return version switch
        {
            UpstreamVersion.Http1 => new Http1Hop(peer, dial),
            // Through another proxy there is no way for QUIC.
            UpstreamVersion.Http3 when before is null && QuicLibrary.IsSupported => new Http3Hop(peer, QuicTransport.ConnectAsync, time),
            UpstreamVersion.Http2 => new Http2Hop(peer, dial, connectTimeout, offersHttp1: false),
            // Without TLS nothing tells the versions apart.
            _ when !peer.HasTls => new Http1Hop(peer, dial),
            _ => new NegotiatedHop(
                before is null && QuicLibrary.IsSupported ? new Http3Hop(peer, QuicTransport.ConnectAsync, time) : null,
                new Http2Hop(peer, dial, connectTimeout, offersHttp1: true),
                new Http1Hop(peer, dial),
                time),
        };
    }
}
