using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.LoadTests.Harness;

/// <summary>A destination on loopback that sends back what it gets until the client's FIN; for thousands of short connections a second.</summary>
internal sealed class EchoOrigin : IDisposable
{
    private const int Backlog = 4096;
    private const int BufferSize = 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public EchoOrigin()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(Backlog);
        _ = AcceptAsync();
    }

    /// <summary>As a CONNECT target.</summary>
    public string Authority => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = EchoAsync(await _listener.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the load is over.
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            socket.NoDelay = true;
            while (await socket.ReceiveAsync(buffer) is var length and > 0) await socket.SendAsync(buffer.AsMemory(0, length));
        }
        catch (SocketException)
        {
            // The client sees it at its own end.
        }
        finally
        {
            socket.Dispose();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
