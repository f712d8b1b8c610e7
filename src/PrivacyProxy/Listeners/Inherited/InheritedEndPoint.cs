using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Listeners.Inherited;

/// <summary>An address whose socket is there already, for Kestrel; told apart by its type.</summary>
internal sealed class InheritedEndPoint(InheritedSocket socket, IPEndPoint endPoint) : IPEndPoint(endPoint.Address, endPoint.Port)
{
    /// <summary>
    /// The socket. It is not marked as closed on exec, by which .NET knows that others may have it too: closing one that is marked also
    /// ends the listening of all who have it.
    /// </summary>
    public Socket Open() => new(new SafeSocketHandle(socket.Descriptor, ownsHandle: true));
}
