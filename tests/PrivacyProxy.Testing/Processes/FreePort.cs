using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Testing.Processes;

/// <summary>
/// A loopback port nobody listens on: for servers that do not announce theirs or must come back at the same one, and for
/// origins that refuse. Ports are below those the kernel hands out by itself (32768 and up) and none is given twice in a
/// process, so nobody takes one between finding and binding it.
/// </summary>
internal static class FreePort
{
    private const int First = 12_000;
    private const int Count = 20_000;

    // Elsewhere in each process: several may run beside each other.
    private static int _last = Random.Shared.Next(Count);

    public static int Next()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            if (CanBind(port)) return port;
        }

        throw new IOException("No loopback port is free.");
    }

    private static bool CanBind(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
