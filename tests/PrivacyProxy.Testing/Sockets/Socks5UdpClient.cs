using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.Testing.Sockets;

/// <summary>A SOCKS5 client that sends UDP, byte by byte as RFC 1928 has it.</summary>
internal sealed class Socks5UdpClient : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Socket _control;
    private readonly Socket _socket;

    private Socks5UdpClient(Socket control, Socket socket) => (_control, _socket) = (control, socket);

    /// <summary>Where the relay hears datagrams.</summary>
    public IPEndPoint Relay { get; private set; } = null!;

    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>An association; fails if it is refused.</summary>
    public static async Task<Socks5UdpClient> AssociateAsync(IPEndPoint relay)
    {
        var client = Create(relay.AddressFamily);
        Assert.Equal(0, await client.TryAssociateAsync(relay, new IPEndPoint(IPAddress.Any, 0)));
        return client;
    }

    /// <summary>A client with a UDP socket that nobody knows of yet.</summary>
    public static Socks5UdpClient Create(AddressFamily family = AddressFamily.InterNetwork) =>
        new(new Socket(family, SocketType.Stream, ProtocolType.Tcp), NewSocket(family));

    public static Socket NewSocket(AddressFamily family = AddressFamily.InterNetwork)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, 0));
        return socket;
    }

    /// <summary>Asks for an association; the reply's code comes back.</summary>
    public async Task<byte> TryAssociateAsync(IPEndPoint relay, IPEndPoint announced)
    {
        await _control.ConnectAsync(relay);
        await _control.SendAsync(new byte[] { 5, 1, 0 });
        Assert.Equal([5, 0], await ReadAsync(2));
        await _control.SendAsync((byte[])[5, 3, 0, .. Address(announced)]);
        var head = await ReadAsync(4);
        var rest = await ReadAsync(head[3] == 1 ? 6 : 18);
        Relay = new IPEndPoint(new IPAddress(rest.AsSpan(..^2)), BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(^2)));
        return head[1];
    }

    public static byte[] Address(IPEndPoint endPoint)
    {
        var host = endPoint.Address.GetAddressBytes();
        return [(byte)(host.Length == 4 ? 1 : 4), .. host, .. Port(endPoint.Port)];
    }

    public static byte[] Address(string name, int port) => [3, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), .. Port(port)];

    public Task SendAsync(byte[] address, byte[] payload) => SendRawAsync([0, 0, 0, .. address, .. payload]);

    public Task SendRawAsync(byte[] datagram) => SendRawAsync(datagram, _socket);

    /// <summary>From another socket.</summary>
    public Task SendRawAsync(byte[] datagram, Socket from) => from.SendToAsync(datagram, Relay);

    /// <summary>The next datagram from the relay; its payload when it is from this address.</summary>
    public async Task<byte[]> ReceiveAsync(byte[] from)
    {
        var datagram = await ReceiveRawAsync(_socket);
        Assert.Equal([0, 0, 0, .. from], datagram.Take(3 + from.Length));
        return datagram[(3 + from.Length)..];
    }

    public static async Task<byte[]> ReceiveRawAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(_patience);
        var buffer = new byte[65_535];
        return buffer[..await socket.ReceiveAsync(buffer, timeout.Token)];
    }

    /// <summary>Ends the TCP connection in an orderly way.</summary>
    public void End() => _control.Shutdown(SocketShutdown.Send);

    /// <summary>Until the relay has ended it.</summary>
    public async Task ControlEndedAsync()
    {
        using var timeout = new CancellationTokenSource(_patience);
        Assert.Equal(0, await _control.ReceiveAsync(new byte[1], timeout.Token));
    }

    public void Dispose()
    {
        _control.Dispose();
        _socket.Dispose();
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        using var timeout = new CancellationTokenSource(_patience);
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await _control.ReceiveAsync(bytes.AsMemory(read), timeout.Token);
            Assert.NotEqual(0, more);
            read += more;
        }

        return bytes;
    }

    private static byte[] Port(int port) => [(byte)(port >> 8), (byte)port];
}
