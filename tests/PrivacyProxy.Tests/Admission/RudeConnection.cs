using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Tests.Admission;

/// <summary>A connection that sends what it likes and reads nothing unless told to.</summary>
internal sealed class RudeConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };

    private RudeConnection(IPEndPoint server) => _socket.Connect(server);

    public static RudeConnection Open(IPEndPoint server) => new(server);

    /// <summary>An HTTP/2 connection in cleartext.</summary>
    public static RudeConnection OpenHttp2(IPEndPoint server, params byte[] settings)
    {
        var connection = new RudeConnection(server);
        connection._socket.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        connection._socket.Send(Frame(4, 0, 0, settings));
        return connection;
    }

    /// <summary>A frame (RFC 9113, section 4.1).</summary>
    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>HEADERS with END_STREAM and END_HEADERS.</summary>
    public static byte[] Request(int stream, params byte[] block) => Frame(1, 5, stream, block);

    /// <summary>Sends all; false once the server has closed.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        try
        {
            while (!bytes.IsEmpty) bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Sends the same over and over until the server closes; false when <paramref name="limit"/> is over first.</summary>
    public async Task<bool> FloodAsync(Func<int, byte[]> piece, TimeSpan limit)
    {
        using var timer = new CancellationTokenSource(limit);
        try
        {
            for (var i = 0; await SendAsync(piece(i), timer.Token); i++)
            {
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Reads frames until so many of a type have come.</summary>
    public async Task ReadFramesAsync(byte type, int count)
    {
        await using var stream = new NetworkStream(_socket);
        var header = new byte[9];
        while (count > 0)
        {
            await stream.ReadExactlyAsync(header);
            await stream.ReadExactlyAsync(new byte[(header[0] << 16) | (header[1] << 8) | header[2]]);
            if (header[3] == type) count--;
        }
    }

    public void Dispose() => _socket.Dispose();
}
