using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.LoadTests.Harness;

/// <summary>
/// The destination of tunnels under load, for thousands of short connections a second and for many bytes. The first byte that comes
/// says what it does: <see cref="Send"/>, <see cref="Swallow"/>, or echo everything until the client's FIN.
/// </summary>
internal sealed class LoadOrigin : IDisposable
{
    /// <summary>Eight bytes follow, how many it sends (little-endian).</summary>
    public const byte Send = (byte)'S';

    /// <summary>Eight bytes follow, how many it reads before it answers with one byte.</summary>
    public const byte Swallow = (byte)'K';

    /// <summary>Of the byte that says what to do and the eight after it.</summary>
    public const int OrderLength = 9;

    private const int Backlog = 4096;
    private const int BufferSize = 1024;
    private const int BulkSize = 256 * 1024;

    private readonly Socket _listener;

    /// <param name="endPoint">Where it listens; null for loopback, a free port.</param>
    /// <exception cref="SocketException">Somebody else is there.</exception>
    public LoadOrigin(IPEndPoint? endPoint = null)
    {
        endPoint ??= new IPEndPoint(IPAddress.Loopback, 0);
        _listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(endPoint);
        _listener.Listen(Backlog);
        _ = AcceptAsync();
    }

    /// <summary>As a CONNECT target.</summary>
    public string Authority => ((IPEndPoint)_listener.LocalEndPoint!).ToString();

    /// <summary>What is sent first through a tunnel for bytes.</summary>
    public static byte[] Order(byte what, long bytes)
    {
        var order = new byte[OrderLength];
        order[0] = what;
        BinaryPrimitives.WriteInt64LittleEndian(order.AsSpan(1), bytes);
        return order;
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync());
            }
            catch (ObjectDisposedException)
            {
                // The load is over.
                return;
            }
            catch (SocketException e)
            {
                if (e.SocketErrorCode is SocketError.OperationAborted) return;
                // Out of descriptors, or the client has gone already: others come.
                await Task.Delay(1);
            }
        }
    }

    private static async Task ServeAsync(Socket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            socket.NoDelay = true;
            if (await socket.ReceiveAsync(buffer) is not (var length and > 0)) return;
            if (buffer[0] is Send or Swallow)
            {
                await MoveAsync(socket, buffer, length);
                return;
            }

            do await socket.SendAsync(buffer.AsMemory(0, length));
            while ((length = await socket.ReceiveAsync(buffer)) > 0);
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            // The client sees it at its own end.
        }
        finally
        {
            socket.Dispose();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task MoveAsync(Socket socket, byte[] order, int length)
    {
        for (; length < OrderLength; length += await ReceiveAsync(socket, order.AsMemory(length))) { }
        var left = BinaryPrimitives.ReadInt64LittleEndian(order.AsSpan(1, 8));
        var bytes = ArrayPool<byte>.Shared.Rent(BulkSize);
        try
        {
            if (order[0] == Send)
            {
                while (left > 0) left -= await socket.SendAsync(bytes.AsMemory(0, (int)Math.Min(left, BulkSize)));
            }
            else
            {
                for (left -= length - OrderLength; left > 0; left -= await ReceiveAsync(socket, bytes)) { }
                await socket.SendAsync(bytes.AsMemory(0, 1));
            }

            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(bytes) > 0) { }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static async ValueTask<int> ReceiveAsync(Socket socket, Memory<byte> buffer) =>
        await socket.ReceiveAsync(buffer) is var count and > 0 ? count : throw new EndOfStreamException();
}
