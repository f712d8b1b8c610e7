using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Testing.Sockets;

/// <summary>
/// A loopback TCP relay in front of a server that does to its replies what networks and broken servers do.
/// Faults may be switched at any time and hold for the connections that are open and for new ones.
/// </summary>
internal sealed class ThrottledSocket : IAsyncDisposable
{
    private readonly EndPoint _server;
    private readonly CancellationTokenSource _ended = new();
    private readonly ConcurrentDictionary<ThrottledConnection, byte> _connections = new();
    private readonly ConcurrentQueue<int> _requestSegments = new();
    private readonly Lock _lock = new();
    private Socket? _listener;
    private Task _accepting;
    private long _repliesLeft = long.MaxValue;
    private long _delayTicks;
    private TaskCompletionSource _replyGate = OpenGate();
    private TaskCompletionSource _requestGate = OpenGate();
    private int _accepted;

    private ThrottledSocket(EndPoint server, int port)
    {
        _server = server;
        _listener = Listen(new IPEndPoint(IPAddress.Loopback, port));
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Starts one in front of <paramref name="server"/>, on a free loopback port or on the one given.</summary>
    public static ThrottledSocket Start(EndPoint server, int port = 0) => new(server, port);

    public IPEndPoint EndPoint { get; }

    /// <summary>As configuration names it: 127.0.0.1:PORT.</summary>
    public string Address => EndPoint.ToString();

    /// <summary>Connections taken since the start.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections open now.</summary>
    public int Open => _connections.Count;

    /// <summary>Whether sizes of what arrives from clients are kept: with no delay set, one entry for each write of theirs, or a few that arrived together.</summary>
    public bool RecordsSegments { get; set; }

    /// <summary>Bytes of each read from clients while <see cref="RecordsSegments"/> was on, in order.</summary>
    public IReadOnlyCollection<int> RequestSegments => _requestSegments;

    /// <summary>How long each piece of reply waits before it is passed on.</summary>
    public TimeSpan ReplyDelay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>Holds replies back; requests still reach the server, which acts on them. <see cref="Resume"/> lets all go.</summary>
    public void StallReplies() => Close(ref _replyGate);

    /// <summary>Holds requests back too: the server sees nothing, as when it is stopped.</summary>
    public void Stall()
    {
        Close(ref _requestGate);
        Close(ref _replyGate);
    }

    /// <summary>Ends a stall; what was held back goes on in order.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _requestGate.TrySetResult();
            _replyGate.TrySetResult();
        }
    }

    /// <summary>Passes so many more bytes of replies on, over all connections, then closes the connection in the middle of its reply; once.</summary>
    public void CutRepliesAfter(int bytes) => Interlocked.Exchange(ref _repliesLeft, bytes);

    /// <summary>Sends bytes that no server sent to every open connection.</summary>
    public async Task InjectAsync(ReadOnlyMemory<byte> garbage)
    {
        foreach (var connection in _connections.Keys) await connection.SendToClientAsync(garbage);
    }

    /// <summary>Closes every open connection with RST, whatever is in flight on it.</summary>
    public void ResetConnections()
    {
        foreach (var connection in _connections.Keys) connection.Reset();
    }

    /// <summary>New connections are refused by the kernel; open ones stay. <see cref="Accept"/> ends it.</summary>
    public async Task RefuseAsync()
    {
        Task accepting;
        lock (_lock)
        {
            _listener?.Dispose();
            _listener = null;
            accepting = _accepting;
        }
        // The kernel listens on until the accept that is under way lets go of the socket.
        await accepting;
    }

    /// <summary>Takes new connections again, at the same port.</summary>
    public void Accept()
    {
        lock (_lock)
        {
            if (_listener is not null) return;
            _listener = Listen(EndPoint);
            _accepting = AcceptAsync(_listener);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RefuseAsync();
        await _ended.CancelAsync();
        Resume();
        ResetConnections();
    }

    internal CancellationToken Ended => _ended.Token;

    internal Task RequestsMayPassAsync() => Volatile.Read(ref _requestGate).Task;

    internal Task RepliesMayPassAsync() => Volatile.Read(ref _replyGate).Task;

    internal void RequestArrived(int bytes)
    {
        if (RecordsSegments) _requestSegments.Enqueue(bytes);
    }

    /// <summary>How many of <paramref name="bytes"/> of reply may still be passed; fewer means that the cut is here.</summary>
    internal int TakeReply(int bytes)
    {
        if (Interlocked.Read(ref _repliesLeft) == long.MaxValue) return bytes;
        var left = Interlocked.Add(ref _repliesLeft, -bytes);
        if (left >= 0) return bytes;
        Interlocked.Exchange(ref _repliesLeft, long.MaxValue);
        return (int)Math.Max(0, left + bytes);
    }

    internal void Closed(ThrottledConnection connection) => _connections.TryRemove(connection, out _);

    private static TaskCompletionSource OpenGate()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }

    private static Socket Listen(IPEndPoint endPoint)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Port reuse after a refusal: connections of before may still be in TIME_WAIT.
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(endPoint);
        listener.Listen(512);
        return listener;
    }

    private void Close(ref TaskCompletionSource gate)
    {
        lock (_lock)
            if (gate.Task.IsCompleted) gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _accepted);
            var connection = new ThrottledConnection(this, client, _server);
            _connections.TryAdd(connection, 0);
            _ = connection.RunAsync();
        }
    }
}
