using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Testing.Sockets;

/// <summary>One client of a <see cref="ThrottledSocket"/>, and its connection to the server.</summary>
internal sealed class ThrottledConnection(ThrottledSocket owner, Socket client, EndPoint serverEndPoint)
{
    private const int PieceSize = 64 * 1024;

    private readonly Socket _server = new(serverEndPoint.AddressFamily, SocketType.Stream, serverEndPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);

    public async Task RunAsync()
    {
        try
        {
            client.NoDelay = true;
            await _server.ConnectAsync(serverEndPoint, owner.Ended);
            if (serverEndPoint is IPEndPoint) _server.NoDelay = true;
            await Task.WhenAny(PassRequestsAsync(), PassRepliesAsync());
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The server is not there: the client sees its connection closed, as from a proxy without a backend.
        }
        finally
        {
            owner.Closed(this);
            Close(_server);
            Close(client);
        }
    }

    /// <summary>Goes out between replies of the server, or in the middle of one.</summary>
    public async Task SendToClientAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await SendAllAsync(client, bytes);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // It has gone meanwhile.
        }
    }

    public void Reset()
    {
        try
        {
            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
        }
        catch (Exception e) when (IsEnd(e))
        {
            // It has gone meanwhile.
        }
    }

    private async Task PassRequestsAsync()
    {
        var buffer = new byte[PieceSize];
        try
        {
            while (await client.ReceiveAsync(buffer) is > 0 and var length)
            {
                owner.RequestArrived(length);
                await owner.RequestsMayPassAsync();
                await SendAllAsync(_server, buffer.AsMemory(0, length));
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Either side has gone; RunAsync closes both.
        }
    }

    private async Task PassRepliesAsync()
    {
        var buffer = new byte[PieceSize];
        try
        {
            while (await _server.ReceiveAsync(buffer) is > 0 and var length)
            {
                // A timer may fire up to a millisecond early; a reply is never early.
                if (owner.ReplyDelay is { Ticks: > 0 } delay) await Task.Delay(delay + TimeSpan.FromMilliseconds(1), owner.Ended);
                await owner.RepliesMayPassAsync();
                var passed = owner.TakeReply(length);
                await SendAllAsync(client, buffer.AsMemory(0, passed));
                if (passed < length) return;
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Either side has gone; RunAsync closes both.
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes)..];
    }

    /// <summary>With FIN: disposing alone, while a receive is pending, is an RST.</summary>
    private static void Close(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Not connected, or reset.
        }
        socket.Dispose();
    }

    private static bool IsEnd(Exception e) => e is SocketException or ObjectDisposedException or OperationCanceledException;
}
