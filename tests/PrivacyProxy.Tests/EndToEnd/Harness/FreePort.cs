using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Tests.EndToEnd.Harness;

/// <summary>A loopback port nobody listens on: for listeners that do not announce theirs, and for origins that refuse.</summary>
internal static class FreePort
{
    public static int Next()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
