using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>Listens on event loops for Kestrel, which gets only those connections that do not begin with a tunnel.</summary>
internal sealed class LoopTransport(TunnelLoops loops, TunnelHandler handler, ConnectionRegistry registry, IOptionsMonitor<TunnelOptions> options, HandshakeMetrics handshakes, TimeProvider time, ILogger<LoopListener> logger)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is LoopEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        try
        {
            return new(LoopListener.Start((LoopEndPoint)endpoint, loops.Group, new LoopServices(handler, registry, options, handshakes, time), logger));
        }
        catch (System.Net.Sockets.SocketException e) when (e.SocketErrorCode == System.Net.Sockets.SocketError.AddressAlreadyInUse)
        {
            // As Kestrel's own transport says it.
            throw new AddressInUseException(e.Message, e);
        }
    }
}
