using System.Net.Sockets;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>Errors of a connected UDP socket.</summary>
internal static class UdpErrors
{
    /// <summary>Whether it says that nobody is to be reached there, now.</summary>
    public static bool Refuses(SocketError error) => error is
        SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.AccessDenied;

    /// <summary>Whether the socket goes on: too large for the path, or an ICMP message about an earlier datagram, or no buffer now.</summary>
    public static bool LosesOneDatagram(SocketError error) => error is
        SocketError.MessageSize or SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostUnreachable
        or SocketError.NetworkUnreachable or SocketError.NoBufferSpaceAvailable or SocketError.AccessDenied;
}
