using System.Net;
using System.Net.Sockets;

namespace PrivacyRelay.Listener;

/// <summary>The sockets that local programs connect to: one for each address, all with one port.</summary>
internal static class LocalSockets
{
    private const int Backlog = 512;

    /// <summary>A port that the system chose for one address may be taken at the other.</summary>
    private const int Tries = 16;

    /// <summary>Listens at once. Of several addresses those are left out that this machine does not have, as where IPv6 is off.</summary>
    /// <exception cref="SocketException">An address cannot be taken.</exception>
    public static IReadOnlyList<Socket> Listen(IReadOnlyList<IPEndPoint> places)
    {
        for (var tries = 1;; tries++)
        {
            var sockets = new List<Socket>();
            try
            {
                foreach (var place in places) Add(sockets, place);
                return sockets;
            }
            catch (SocketException e)
            {
                foreach (var socket in sockets) socket.Dispose();
                if (e.SocketErrorCode != SocketError.AddressAlreadyInUse || places[0].Port != 0 || tries == Tries) throw;
            }
        }
    }

    private static void Add(List<Socket> sockets, IPEndPoint place)
    {
        var port = sockets.Count == 0 ? place.Port : ((IPEndPoint)sockets[0].LocalEndPoint!).Port;
        Socket? socket = null;
        try
        {
            socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(place.Address, port));
            socket.Listen(Backlog);
            sockets.Add(socket);
        }
        catch (SocketException e) when (sockets.Count > 0 && e.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            socket?.Dispose();
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }
}
