using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Testing.Sockets;

/// <summary>A bare TCP service on loopback; what it does with each connection is the test's.</summary>
internal sealed class TcpOrigin : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _accepted;

    public TcpOrigin(Func<Socket, CancellationToken, Task> serve, IPAddress? address = null)
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>As a CONNECT target.</summary>
    public string Authority => _listener.LocalEndPoint!.ToString()!;

    /// <summary>How many connections have come in.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Sends back what it gets until the client's FIN, then its own FIN.</summary>
    public static TcpOrigin Echo(IPAddress? address = null) => new(async (socket, stop) =>
    {
        var buffer = new byte[1 << 16];
        while (await socket.ReceiveAsync(buffer, stop) is var read and > 0) await SendAsync(socket, buffer.AsMemory(0, read), stop);
        socket.Shutdown(SocketShutdown.Send);
    }, address);

    /// <summary>Takes the first bytes, then resets the connection.</summary>
    public static TcpOrigin Resetting() => new(async (socket, stop) =>
    {
        await socket.ReceiveAsync(new byte[1], stop);
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
    });

    public static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (!bytes.IsEmpty) bytes = bytes[await socket.SendAsync(bytes, stop)..];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<Socket, CancellationToken, Task> serve)
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                serving.Add(ServeAsync(serve, socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Func<Socket, CancellationToken, Task> serve, Socket socket)
    {
        using (socket)
        {
            try
            {
                await serve(socket, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // The peer went away or the test is over; the test sees it at its own end.
            }
        }
    }
}
