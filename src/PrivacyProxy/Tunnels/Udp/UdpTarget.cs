using System.Net.Sockets;
using Tunneling.Loops;
using Tunneling.Native;

namespace PrivacyProxy.Tunnels.Udp;

/// <summary>The connected UDP socket of a tunnel: on the loop that the tunnel runs on it is waited for there, and by .NET otherwise.</summary>
/// <param name="socket">Its own from here on; non-blocking.</param>
/// <param name="loop">Where <see cref="WaitAsync"/> is called; null on the pool.</param>
internal sealed class UdpTarget(Socket socket, EventLoop? loop) : IDisposable
{
    private readonly SocketReadiness? _readiness = loop is null ? null : new SocketReadiness(loop, socket);

    /// <summary>To send with.</summary>
    public Socket Socket => socket;

    /// <summary>Until a datagram may have come. One waits at a time.</summary>
    /// <exception cref="SocketException">An error about an earlier datagram, or the socket is broken.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public ValueTask WaitAsync() => _readiness?.WaitAsync() ?? PeekAsync();

    /// <summary>Takes the next datagram; false when none waits.</summary>
    /// <exception cref="SocketException">The socket is broken.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public bool TryReceive(Span<byte> datagram, out int length)
    {
        while (true)
        {
            length = socket.Receive(datagram, SocketFlags.None, out var error);
            if (error == SocketError.Success) return true;
            if (error == SocketError.WouldBlock) return false;
            if (!UdpErrors.LosesOneDatagram(error)) throw new SocketException((int)error);
        }
    }

    /// <summary>Takes the next datagrams, as many as wait and have room; 0 when none wait. On Linux.</summary>
    /// <exception cref="SocketException">The socket is broken.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public int Receive(ReceivedDatagrams datagrams, int count)
    {
        while (true)
        {
            var received = datagrams.Receive(socket.SafeHandle, count, out var number);
            if (received > 0) return received;
            var error = Errno.ToSocketError(number);
            if (error == SocketError.WouldBlock) return 0;
            if (!UdpErrors.LosesOneDatagram(error)) throw new SocketException((int)error);
        }
    }

    /// <summary>Closes the socket at once; whoever waits is told. Any thread.</summary>
    public void Dispose()
    {
        socket.Close(0);
        _readiness?.Close();
    }

    /// <summary>A zero-byte read would throw a datagram away.</summary>
    private async ValueTask PeekAsync() => await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek);
}
