using System.Net;
using Microsoft.AspNetCore.Connections;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>Listens on event loops for Kestrel, which gets only those connections that begin with neither a tunnel nor HTTP/2.</summary>
internal sealed class LoopTransport(TunnelLoops loops, LoopServices services, ILogger<LoopListener> logger) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is LoopEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        try
        {
            return new(LoopListener.Start((LoopEndPoint)endpoint, loops.Group, services, logger));
        }
        catch (System.Net.Sockets.SocketException e) when (e.SocketErrorCode == System.Net.Sockets.SocketError.AddressAlreadyInUse)
        {
            // As Kestrel's own transport says it.
            throw new AddressInUseException(e.Message, e);
        }
    }
}
