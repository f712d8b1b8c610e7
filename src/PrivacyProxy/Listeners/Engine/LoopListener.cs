using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Tunneling.Loops;
using Tunneling.Native;
using Listener = Tunneling.Loops.Listener;
using SocketAddress = Tunneling.Native.SocketAddress;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>One address: tunnels are served where they were accepted, other connections wait here for Kestrel.</summary>
internal sealed partial class LoopListener : IConnectionListener, IAcceptHandler
{
    private const long PauseToldEvery = 10_000;

    private readonly Channel<ConnectionContext> _handedOver = System.Threading.Channels.Channel.CreateUnbounded<ConnectionContext>();
    private readonly LoopServices _services;
    private readonly ILogger<LoopListener> _logger;
    private Listener _listener = null!;
    private long _pauseToldAt = -PauseToldEvery;

    private LoopListener(LoopServices services, ILogger<LoopListener> logger) => (_services, _logger) = (services, logger);

    public EndPoint EndPoint => _listener.EndPoint;

    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public static LoopListener Start(LoopEndPoint endPoint, LoopGroup loops, LoopServices services, ILogger<LoopListener> logger)
    {
        var listener = new LoopListener(services, logger);
        listener._listener = Listener.Bind(endPoint, loops, listener);
        listener._listener.Start();
        return listener;
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _handedOver.Reader.WaitToReadAsync(cancellationToken))
            if (_handedOver.Reader.TryRead(out var connection)) return connection;
        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _listener.StopAsync();
        _handedOver.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        _handedOver.Writer.TryComplete();
        while (_handedOver.Reader.TryRead(out var connection))
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
    }

    void IAcceptHandler.OnAccepted(EventLoop loop, SocketHandle socket, in SocketAddress peer) =>
        new ConnectionStart(new SocketChannel(loop, socket, peer), this, _services).Begin();

    void IAcceptHandler.OnAcceptPaused(SocketError error)
    {
        var now = Environment.TickCount64;
        var before = Volatile.Read(ref _pauseToldAt);
        if (now - before < PauseToldEvery || Interlocked.CompareExchange(ref _pauseToldAt, now, before) != before) return;
        LogPaused(error);
    }

    /// <summary>Gives a connection to Kestrel. False: it takes no more.</summary>
    internal bool HandOver(HandedConnection connection) => _handedOver.Writer.TryWrite(connection);

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Accepting connections has paused ({Error}) and is tried again. Said at most every 10 seconds.")]
    private partial void LogPaused(SocketError error);
}
