using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using PrivacyRelay.Configuration;
using PrivacyRelay.HttpProxy;
using PrivacyRelay.Sessions;
using PrivacyRelay.Socks4;
using PrivacyRelay.Socks5;
using PrivacyRelay.Socks5.Udp;
using PrivacyRelay.Streams;
using Tunneling.Admission;

namespace PrivacyRelay.Listener;

/// <summary>Accepts local programs on one port; the first byte tells SOCKS5, SOCKS4 and HTTP apart.</summary>
internal sealed partial class LocalListener : IAsyncDisposable
{
    private readonly IReadOnlyList<Socket> _sockets;
    private readonly LocalSession _session;
    private readonly UdpRelay _udp;
    private readonly ILogger _logger;
    private readonly ConnectionRegistry _registry;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _connections = [];
    private readonly HangUpWatch _hangUps = new();
    private readonly Task _accepting;

    /// <summary>Listens at once.</summary>
    /// <exception cref="SocketException">The address cannot be taken.</exception>
    public LocalListener(RelayOptions options, LocalSession session, UdpRelay udp, TimeProvider time, ILogger logger)
    {
        _session = session;
        _udp = udp;
        _logger = logger;
        // Half of what the descriptors allow: a tunnel needs one towards the proxy as well.
        var budget = DescriptorBudget.Claim();
        var places = Math.Min(options.MaxConnections, Math.Max(1, budget.Places / 2));
        if (places < options.MaxConnections) LogFewDescriptors(options.MaxConnections, places, budget.ToString());
        _registry = new ConnectionRegistry(new AdmissionLimits { Places = places, FirstReservedDescriptor = budget.FirstReserved }, time);
        _sockets = LocalSockets.Listen(options.EndPoints);
        EndPoint = (IPEndPoint)_sockets[0].LocalEndPoint!;
        if (!IPAddress.IsLoopback(EndPoint.Address) && !session.Users.AreAsked) LogNotLoopback();
        _accepting = Task.WhenAll(_sockets.Select(socket => AcceptAsync(new Acceptor(socket, _registry, time), time)));
    }

    /// <summary>The first address taken, with the port the system chose where 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var socket in _sockets) socket.Dispose();
        await _accepting;
        Task[] connections;
        lock (_lock) connections = [.. _connections];
        await Task.WhenAll(connections);
        _hangUps.Dispose();
        _stopping.Dispose();
        _registry.Dispose();
    }

    private async Task AcceptAsync(Acceptor acceptor, TimeProvider time)
    {
        while (await acceptor.AcceptAsync(_stopping.Token) is { } socket)
        {
            var place = new LocalPlace(socket);
            try
            {
                // The other address may have taken the last place meanwhile.
                while (!_registry.TryAdmit(place)) await Task.Delay(_registry.Limits.MinStay, time, _stopping.Token);
                Start(socket, place);
            }
            catch (OperationCanceledException)
            {
                socket.Close(0);
            }
        }
    }

    private void Start(Socket socket, LocalPlace place)
    {
        var connection = ServeAsync(socket, place);
        lock (_lock)
        {
            if (!connection.IsCompleted) _connections.Add(connection);
        }

        _ = connection.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Ended(Task connection)
    {
        lock (_lock) _connections.Remove(connection);
    }

    private async Task ServeAsync(Socket socket, LocalPlace place)
    {
        await Task.Yield();
        try
        {
            await using var client = DuplexStream.Over(socket);
            socket.NoDelay = true;
            KeepAlive(socket);
            // Not disposed: it may be cancelled when all is over.
            var gone = new CancellationTokenSource();
            using var watch = _hangUps.Watch(socket, gone);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(gone.Token, _stopping.Token);
            await DispatchAsync(client, socket, _session.Telling(() => _registry.Trust(place)), ending.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The local program went away or took too long, or the relay stops.
        }
        catch (Exception e)
        {
            LogUnexpected(e.GetType().Name);
        }
        finally
        {
            // After the socket is closed: the place counts its descriptor.
            _registry.Leave(place);
        }
    }

    /// <summary>A program that vanished with its machine says nothing at all.</summary>
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    private async Task DispatchAsync(DuplexStream client, Socket socket, LocalSession session, CancellationToken ending)
    {
        byte? first;
        using (var handshake = session.HandshakeTimeout(ending))
        {
            await client.SkipEmptyLinesAsync(HttpSession.MostEmptyLines, handshake.Token);
            first = await client.PeekAsync(handshake.Token);
        }

        switch (first)
        {
            case null: return;
            case Socks5RequestReader.Version: await Socks5Session.RunAsync(client, socket, session, _udp, ending); return;
            case Socks4Session.Version: await Socks4Session.RunAsync(client, session, ending); return;
            case { } letter when char.IsAsciiLetter((char)letter): await new HttpSession(client, session, socket.LocalEndPoint!).RunAsync(ending); return;
            default: await RefuseAsync(client, _garbage, ending); return;
        }
    }

    private static readonly ReadOnlyMemory<byte> _garbage = new RelayAnswer(400, "This port speaks SOCKS and HTTP.\n").ToBytes();

    private async Task RefuseAsync(DuplexStream client, ReadOnlyMemory<byte> answer, CancellationToken ending)
    {
        await client.WriteAsync(answer, ending);
        await _session.CloseAsync(client, ending);
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "The relay listens beyond loopback: whoever reaches it spends its tokens")]
    private partial void LogNotLoopback();

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "MaxConnections is {Wanted}, but the descriptors allow {Places} local connections: {Budget}")]
    private partial void LogFewDescriptors(int wanted, int places, string budget);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Error, Message = "A local connection ended with {Exception}")]
    private partial void LogUnexpected(string exception);
}
