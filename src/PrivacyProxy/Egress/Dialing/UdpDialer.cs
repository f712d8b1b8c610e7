using System.Net;
using System.Net.Sockets;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Dialing;

/// <summary>Opens connected UDP sockets: the kernel then drops what comes from anybody but the target (RFC 9298, section 3.1).</summary>
internal static class UdpDialer
{
    private const int IPv6MtuDiscover = 23; // IPV6_MTU_DISCOVER
    private const int PathMtuDiscoveryDo = 2; // IPV6_PMTUDISC_DO: too large is an error, never fragments
    private const int IPv6Level = 41;
    private const int BufferSize = 1024 * 1024;

    /// <summary>Never throws.</summary>
    /// <param name="destination">An address that was checked.</param>
    /// <param name="source">The local address; null lets the system choose.</param>
    public static DialResult Dial(IPEndPoint destination, IPAddress? source)
    {
        Socket? socket = null;
        var isBound = false;
        try
        {
            socket = new Socket(destination.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false, ReceiveBufferSize = BufferSize, SendBufferSize = BufferSize };
            ForbidFragments(socket);
            if (source is not null) socket.Bind(new IPEndPoint(source, 0));
            isBound = true;
            socket.Connect(destination);
            return new DialResult(socket, ProxyStatusError.None);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            return new DialResult(null, isBound || socket is null ? DialErrors.OfConnect(e.SocketErrorCode) : DialErrors.OfBind(e.SocketErrorCode));
        }
    }

    private static void ForbidFragments(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.InterNetwork) socket.DontFragment = true;
        else if (OperatingSystem.IsLinux()) socket.SetRawSocketOption(IPv6Level, IPv6MtuDiscover, BitConverter.GetBytes(PathMtuDiscoveryDo));
    }
}
