using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using MsQuic;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners.KestrelHttp3.Quic;

/// <summary>QUIC for Kestrel's HTTP/3, on libmsquic without System.Net.Quic. Leaves an address to that where it is told to.</summary>
internal sealed class QuicTransport(IOptions<ListenerOptions> options, IOptions<TunnelOptions> tunnels) : IMultiplexedConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint && options.Value.Quic.Transport == QuicTransportKind.MsQuic;

    public ValueTask<IMultiplexedConnectionListener> BindAsync(EndPoint endpoint, IFeatureCollection? features = null, CancellationToken cancellationToken = default)
    {
        if (features?.Get<TlsConnectionCallbackOptions>() is not { } tls) throw new InvalidOperationException("QUIC has no listeners without TLS.");
        try
        {
            return ValueTask.FromResult<IMultiplexedConnectionListener>(new QuicServerListener((IPEndPoint)endpoint, tls, options.Value.Quic, maxFrame: 2 * tunnels.Value.MaxRequestHeadSize));
        }
        catch (QuicException e) when (e.Error == QuicError.AddressInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
    }
}
