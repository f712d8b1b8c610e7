using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>An address whose SYNs get no answer: a listener with a backlog of one, taken, that nobody accepts from.</summary>
internal sealed class BlackHole : IDisposable
{
    private const int Fillers = 3;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _fillers = [];

    public BlackHole(IPEndPoint endPoint)
    {
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(endPoint);
        _listener.Listen(0);
        for (var i = 0; i < Fillers; i++)
        {
            var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _fillers.Add(filler);
            try
            {
                filler.Connect(endPoint);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // The first is let in, the others wait for ever; either is what is wanted.
            }
        }
    }

    public void Dispose()
    {
        foreach (var filler in _fillers) filler.Dispose();
        _listener.Dispose();
    }
}
