using System.Net;
using System.Net.Sockets;

namespace Tunneling.Tests.Tls;

/// <summary>Stands between a client and a server for one connection, and changes what the client sends.</summary>
internal sealed class TamperingRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _running;

    public TamperingRelay(int port, TamperWith tamper)
    {
        _listener.Start();
        _running = Run(port, tamper);
    }

    public delegate void TamperWith(Span<byte> bytes);

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _running.Wait(TlsEnd.Patience);
    }

    private async Task Run(int port, TamperWith tamper)
    {
        try
        {
            using var client = await _listener.AcceptSocketAsync();
            using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await server.ConnectAsync(IPAddress.Loopback, port);
            await Task.WhenAll(Copy(client, server, tamper), Copy(server, client, static _ => { }));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One of them has gone.
        }
    }

    private static async Task Copy(Socket from, Socket to, TamperWith tamper)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer) is > 0 and var count)
        {
            tamper(buffer.AsSpan(0, count));
            await to.SendAsync(buffer.AsMemory(0, count));
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
