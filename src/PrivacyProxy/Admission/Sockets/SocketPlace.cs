using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Tunneling.Admission;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>The place of a TCP connection in the registry; a feature of the connection and of its requests.</summary>
internal sealed class SocketPlace(ConnectionContext connection) : WatchedPlace
{
    protected internal override void Shed(ShedReason reason)
    {
        // Sends a RST and frees the descriptor at once; whoever reads or writes is told, and cleans up.
        connection.Abort(new ConnectionAbortedException($"Closed to make room, or for what it did: {reason}."));
        Changed?.Invoke();
    }

    protected internal override void Trusted()
    {
        if (connection.Features.Get<IConnectionSocketFeature>() is { Socket: var socket }) UnsentLimit.Lift(socket);
        Changed?.Invoke();
    }
}
