using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Browser.Tests;

/// <summary>A real memcached behind a way that holds each of its answers up for 40 ms, as Nagle's algorithm and delayed acknowledgements do together.</summary>
internal sealed class StalledNode : IAsyncDisposable
{
    public const string Memcached = "/usr/bin/memcached";

    private static readonly TimeSpan _stall = TimeSpan.FromMilliseconds(40);

    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Process _memcached;
    private readonly int _port;

    public StalledNode()
    {
        using (var free = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            free.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _port = ((IPEndPoint)free.LocalEndPoint!).Port;
        }

        _memcached = Process.Start(new ProcessStartInfo(Memcached, ["-l", "127.0.0.1", "-p", _port.ToString(), "-U", "0", "-m", "64", "-M", "-t", "1", "-u", "root"]))!;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public string Address => _listener.LocalEndPoint!.ToString()!;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        _memcached.Kill();
        await _memcached.WaitForExitAsync();
        _memcached.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var node = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await node.ConnectAsync(IPAddress.Loopback, _port, _stop.Token);
                await Task.WhenAny(PassAsync(client, node, TimeSpan.Zero), PassAsync(node, client, _stall));
            }
            catch (SocketException)
            {
                // It is not there yet: the proxy tries again.
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, TimeSpan delay)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is var count and > 0)
            {
                await Task.Delay(delay, _stop.Token);
                await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side has gone.
        }
    }
}
