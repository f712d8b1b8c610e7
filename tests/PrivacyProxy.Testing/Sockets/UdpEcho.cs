using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Testing.Sockets;

/// <summary>Sends every datagram back, on every address of this machine, so that <c>localhost</c> leads here whichever it is.</summary>
internal sealed class UdpEcho : IDisposable
{
    private static readonly IPAddress _any = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    // Made so, it hears IPv4 and IPv6 where there is IPv6.
    private readonly Socket _socket = new(SocketType.Dgram, ProtocolType.Udp);

    /// <param name="address">Where to listen; everywhere when null.</param>
    public UdpEcho(IPAddress? address = null)
    {
        if (address is not null) _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(address ?? _any, 0));
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync()
    {
        var buffer = new byte[65_535];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveFromAsync(buffer, _socket.LocalEndPoint!);
                await _socket.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
