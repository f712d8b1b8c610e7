using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>No tunnel: what datagrams take that go straight to the echo.</summary>
internal sealed class BareTunnel : EchoTunnel
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _payload;

    public BareTunnel(IPEndPoint echo, UdpSettings settings)
    {
        _payload = new byte[settings.Size];
        _socket.Connect(echo);
        _ = ReadAsync();
    }

    public override async ValueTask SendAsync(int count, long stamp)
    {
        Stamp(_payload, stamp);
        while (count-- > 0) await _socket.SendAsync(_payload);
    }

    public override ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true) Tell(buffer.AsSpan(0, await _socket.ReceiveAsync(buffer)));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the load is over.
        }
    }
}
