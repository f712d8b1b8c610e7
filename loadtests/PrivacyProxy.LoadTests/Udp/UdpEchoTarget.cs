using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>A destination on loopback that sends every datagram back, on a thread of its own.</summary>
internal sealed class UdpEchoTarget : IDisposable
{
    private const int BufferSize = 4 * 1024 * 1024;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = BufferSize, SendBufferSize = BufferSize };
    private readonly Thread _thread;

    public UdpEchoTarget()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();

    private void Serve()
    {
        var buffer = new byte[65_536];
        var source = new SocketAddress(AddressFamily.InterNetwork);
        try
        {
            while (true)
            {
                var length = _socket.ReceiveFrom(buffer, SocketFlags.None, source);
                _socket.SendTo(buffer.AsSpan(0, length), SocketFlags.None, source);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the load is over.
        }
    }
}
