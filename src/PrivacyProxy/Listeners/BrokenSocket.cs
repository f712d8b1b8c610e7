using System.Net.Sockets;

namespace PrivacyProxy.Listeners;

/// <summary>Tells of a connection that broke while nobody was reading from it.</summary>
internal static class BrokenSocket
{
    /// <summary>True once the peer has reset it or has been silent for too long, and when it was closed here.</summary>
    public static bool IsBroken(this Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectError);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
