using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MsQuic.Tests;

/// <summary>What lies between a client and a server: passes datagrams on, and may lose them, be cut, or come from elsewhere.</summary>
internal sealed class UdpPath : IDisposable
{
    private readonly Socket _toClient = Bind();
    private readonly IPEndPoint _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random = new(20_261_129);
    private volatile Socket _toServer = Bind();
    private volatile EndPoint? _client;
    private int _passed, _lost;

    public UdpPath(IPEndPoint server)
    {
        _server = server;
        _ = Task.Run(UpAsync);
        _ = Task.Run(() => DownAsync(_toServer));
    }

    /// <summary>Where the client goes.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_toClient.LocalEndPoint!;

    public bool IsCut { get; set; }

    public int CutsAfter { get; init; } = int.MaxValue;

    public int LosesOneIn { get; init; } = int.MaxValue;

    /// <summary>Larger ones are lost, as where the packets of a path are small.</summary>
    public int LongestPayload { get; init; } = int.MaxValue;

    /// <summary>Bytes of the longest payload that the server has sent.</summary>
    public int LongestOfServer { get; private set; }

    public bool Records { get; init; }

    public ConcurrentQueue<byte[]> Recorded { get; } = new();

    public int Lost => _lost;

    /// <summary>From now on the server sees the client at another address.</summary>
    public void Move()
    {
        var before = _toServer;
        var next = Bind();
        _toServer = next;
        _ = Task.Run(() => DownAsync(next));
        before.Dispose();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _toClient.Dispose();
        _toServer.Dispose();
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private async Task UpAsync()
    {
        var buffer = new byte[65536];
        while (true)
        {
            try
            {
                var received = await _toClient.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                _client = received.RemoteEndPoint;
                if (Records) Recorded.Enqueue(buffer[..received.ReceivedBytes]);
                if (Passes(received.ReceivedBytes)) await _toServer.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), _server, _stop.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                if (_stop.IsCancellationRequested) return;
            }
        }
    }

    private async Task DownAsync(Socket socket)
    {
        var buffer = new byte[65536];
        while (true)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                LongestOfServer = Math.Max(LongestOfServer, received.ReceivedBytes);
                if (Passes(received.ReceivedBytes) && _client is { } client) await _toClient.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), client, _stop.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                if (_stop.IsCancellationRequested || socket != _toServer) return;
            }
        }
    }

    private bool Passes(int length)
    {
        if (IsCut || length > LongestPayload || Interlocked.Increment(ref _passed) > CutsAfter) return false;
        lock (_random)
        {
            if (LosesOneIn == int.MaxValue || _random.Next(LosesOneIn) != 0) return true;
        }

        Interlocked.Increment(ref _lost);
        return false;
    }
}
