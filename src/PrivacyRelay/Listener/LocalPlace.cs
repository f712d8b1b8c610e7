using System.Net.Sockets;
using Tunneling.Admission;

namespace PrivacyRelay.Listener;

/// <summary>The place of a local connection. Until it has opened a tunnel it makes room for others.</summary>
internal sealed class LocalPlace(Socket socket) : AdmittedConnection
{
    /// <summary>A RST; whoever reads or writes finds the socket closed.</summary>
    protected internal override void Shed(ShedReason reason) => socket.Close(0);
}
