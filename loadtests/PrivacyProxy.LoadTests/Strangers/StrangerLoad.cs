using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using PrivacyPass.Http;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Redemptions;

namespace PrivacyProxy.LoadTests.Strangers;

/// <summary>Strangers at one proxy, in cleartext: whatever the proxy does to them, they go on.</summary>
/// <param name="proxy">Where it listens.</param>
/// <param name="settings">What they do.</param>
/// <param name="model">A good token, which forged ones look like; null where there are none.</param>
internal sealed class StrangerLoad(ProxyAddress proxy, StrangersSettings settings, byte[]? model)
{
    private const int MostInFlight = 1_000;
    private const int FieldsOfAHead = 90;

    private static readonly byte[] _byte = "a"u8.ToArray();
    private static readonly byte[] _start = "CONNECT stranger.example:443 HTTP/1.1\r\nHost: stranger.example:443\r\nX-Slow: "u8.ToArray();

    private int _open;
    private long _connected;
    private long _heads;

    /// <summary>Connections open now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Connections there have been.</summary>
    public long Connected => Volatile.Read(ref _connected);

    /// <summary>Heads that were sent as a whole.</summary>
    public long Heads => Volatile.Read(ref _heads);

    public Task RunAsync(CancellationToken cancellationToken) => settings.Kind switch
    {
        StrangerKind.Slowloris => Task.Factory.StartNew(() => Drip(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
        StrangerKind.Headers => SendAsync(settings.Heads, () => LongHead, cancellationToken),
        _ => SendAsync(settings.Forged, () => HeadOf($"Proxy-Authorization: {PrivateTokenCredentials.Write(TokenSupply.Forge(model!))}\r\n"), cancellationToken),
    };

    private Task SendAsync(double perSecond, Func<byte[]> head, CancellationToken cancellationToken) =>
        new Arrivals(perSecond, int.MaxValue, MostInFlight, TimeProvider.System).RunAsync((_, _) => SendHeadAsync(head(), cancellationToken), cancellationToken);

    /// <summary>
    /// On a thread of its own, with sockets that do not wait: ten thousand tasks, and the exceptions of as many connections that are closed,
    /// would take far more of the machine than strangers of this kind need.
    /// </summary>
    private void Drip(CancellationToken cancellationToken)
    {
        var sockets = new Socket?[settings.Slow];
        var pause = TimeSpan.FromSeconds(settings.Drip);
        // Not all at the same moment.
        var due = Enumerable.Range(0, sockets.Length).Select(number => pause * (number % 100) / 100).ToArray();
        var watch = Stopwatch.StartNew();
        while (!cancellationToken.IsCancellationRequested)
        {
            var now = watch.Elapsed;
            for (var number = 0; number < sockets.Length && !cancellationToken.IsCancellationRequested; number++)
            {
                if (due[number] > now) continue;
                var bytes = sockets[number] is null ? _start : _byte;
                sockets[number] ??= TryConnect();
                var isOpen = sockets[number] is { } socket && IsSent(socket, bytes);
                if (!isOpen) Close(ref sockets[number]);
                // Closed: again, though not at once.
                due[number] = watch.Elapsed + (isOpen ? pause : pause / 4);
            }

            Thread.Sleep(1);
        }

        foreach (ref var socket in sockets.AsSpan()) Close(ref socket);
    }

    private Socket? TryConnect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(proxy.Host, proxy.Port);
            socket.Blocking = false;
            Interlocked.Increment(ref _connected);
            Interlocked.Increment(ref _open);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static bool IsSent(Socket socket, byte[] bytes)
    {
        socket.Send(bytes, SocketFlags.None, out var error);
        return error is SocketError.Success or SocketError.WouldBlock;
    }

    private void Close(ref Socket? socket)
    {
        if (socket is null) return;
        socket.Dispose();
        socket = null;
        Interlocked.Decrement(ref _open);
    }

    private async Task SendHeadAsync(byte[] head, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = await ConnectAsync(cancellationToken);
            await socket.SendAsync(head, cancellationToken);
            Interlocked.Increment(ref _heads);
            var answer = new byte[4096];
            while (await socket.ReceiveAsync(answer, cancellationToken) > 0) { }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Refused, as it should be, or the end.
        }
    }

    private byte[] LongHead => field ??= MakeLongHead();

    private byte[] MakeLongHead()
    {
        var value = new string('v', Math.Max(1, settings.HeadBytes / FieldsOfAHead - "X-Field-00: \r\n".Length));
        return HeadOf(string.Concat(Enumerable.Range(10, FieldsOfAHead).Select(i => $"X-Field-{i}: {value}\r\n")));
    }

    private static byte[] HeadOf(string fields) => Encoding.ASCII.GetBytes($"CONNECT stranger.example:443 HTTP/1.1\r\nHost: stranger.example:443\r\n{fields}\r\n");

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(proxy.Host, proxy.Port, cancellationToken);
            Interlocked.Increment(ref _connected);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
