using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>An address that answers no SYN: a listener whose queue is full and that never accepts.</summary>
internal sealed class SilentOrigin : IDisposable
{
    private readonly Socket _listener = New();
    private readonly List<Socket> _queue = [];

    public SilentOrigin()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(0);
        // Connects until one gets no answer; further ones will get none either.
        while (_queue.Count < 16)
        {
            var socket = New();
            _queue.Add(socket);
            if (!IsAnswered(socket)) return;
        }
    }

    public string Authority => _listener.LocalEndPoint!.ToString()!;

    public void Dispose()
    {
        foreach (var socket in _queue) socket.Dispose();
        _listener.Dispose();
    }

    /// <summary>Asks the kernel alone, which answers on loopback at once: a thread pool that is busy does not matter.</summary>
    private bool IsAnswered(Socket socket)
    {
        socket.Blocking = false;
        try
        {
            socket.Connect(_listener.LocalEndPoint!);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            return socket.Poll(TimeSpan.FromMilliseconds(500), SelectMode.SelectWrite);
        }
    }

    private static Socket New() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
}
