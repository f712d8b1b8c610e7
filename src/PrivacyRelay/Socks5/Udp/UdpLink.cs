using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace PrivacyRelay.Socks5.Udp;

/// <summary>The socket between an association and its client; hears the client alone.</summary>
internal sealed class UdpLink : IDisposable
{
    private readonly Socket _socket;
    private readonly UdpClientFilter _filter;
    private readonly SocketAddress _sender;
    private readonly Lock _sending = new();
    private readonly byte[] _received = ArrayPool<byte>.Shared.Rent(Socks5Datagram.MaxLength);
    private readonly byte[] _answer = ArrayPool<byte>.Shared.Rent(Socks5Datagram.MaxHeaderLength + Socks5Datagram.MaxLength);

    /// <summary>Listens on a free port.</summary>
    /// <exception cref="SocketException">There is none, or no descriptor.</exception>
    public UdpLink(IPAddress local, UdpClientFilter filter)
    {
        _filter = filter;
        _sender = new SocketAddress(local.AddressFamily);
        // Not blocking: an answer that does not fit now is dropped, as networks do.
        _socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            _socket.Bind(new IPEndPoint(local, 0));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
    }

    /// <summary>Where the client is to send.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The next datagram of the client that makes sense, good until the next call; what others send is dropped.</summary>
    public async ValueTask<Socks5Datagram> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = await _socket.ReceiveFromAsync(_received, SocketFlags.None, _sender, cancellationToken);
            if (!_filter.Hears(_sender) || !Socks5Datagram.TryRead(_received.AsMemory(0, length), out var datagram)) continue;
            _filter.Take(_sender);
            return datagram;
        }
    }

    /// <summary>Sends an answer from a destination, by the address that the client gave it; lost where the client does not take it.</summary>
    public void Answer(ReadOnlySpan<byte> address, ReadOnlySequence<byte> payload)
    {
        if (_filter.Client is not { } client) return;
        lock (_sending)
        {
            var header = Socks5Datagram.WriteHeader(_answer, address);
            payload.CopyTo(_answer.AsSpan(header));
            try
            {
                _socket.SendTo(_answer.AsSpan(0, header + (int)payload.Length), SocketFlags.None, client);
            }
            catch (SocketException)
            {
                // Too long with its header, or the client's socket is closed or full.
            }
        }
    }

    /// <summary>Only when nobody receives or answers any more.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        ArrayPool<byte>.Shared.Return(_received);
        ArrayPool<byte>.Shared.Return(_answer);
    }
}
