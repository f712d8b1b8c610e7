using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using PrivacyProxy.Listeners.Engine.Http2;
using PrivacyProxy.Listeners.KestrelHttp3;
using Tunneling.Admission;
using Tunneling.Loops;
using Tunneling.Native;
using Tunneling.Tls;
using Listener = Tunneling.Loops.Listener;
using SocketAddress = Tunneling.Native.SocketAddress;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>One address: tunnels are served where they were accepted, other connections wait here for Kestrel.</summary>
internal sealed partial class LoopListener : IConnectionListener, IAcceptHandler
{
    private const long PauseToldEvery = 10_000;

    /// <summary>How long connections without a tunnel have to end by themselves once nothing is accepted any more.</summary>
    private static readonly TimeSpan _stopGrace = TimeSpan.FromSeconds(2);

    private readonly Channel<ConnectionContext> _handedOver = System.Threading.Channels.Channel.CreateUnbounded<ConnectionContext>();
    private readonly LoopServices _services;
    private readonly ILogger<LoopListener> _logger;
    private readonly ITimer _stopTimer;
    private readonly TlsServerContext? _tls;
    private readonly ConcurrentDictionary<LoopStreams, bool> _streams = new();
    private readonly CancellationTokenRegistration _drain;
    private CancellationTokenRegistration _stop;
    private Listener _listener = null!;
    private TagList _tags;
    private long _pauseToldAt = -PauseToldEvery;

    private LoopListener(TlsServerContext? tls, LoopServices services, ILogger<LoopListener> logger)
    {
        (_tls, _services, _logger) = (tls, services, logger);
        _drain = services.Tunnels.Draining.UnsafeRegister(static listener => ((LoopListener)listener!).Drain(), this);
        _stopTimer = services.Time.CreateTimer(static state => ((ConnectionRegistry)state!).Stop(), services.Registry, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public EndPoint EndPoint => _listener.EndPoint;

    /// <summary>Told on answers, as a feature of their requests.</summary>
    internal Http3Alternative? Alternative { get; private init; }

    /// <summary>What the metrics of handshakes say of the address.</summary>
    internal ref readonly TagList Tags => ref _tags;

    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public static LoopListener Start(LoopEndPoint endPoint, LoopGroup loops, LoopServices services, ILogger<LoopListener> logger)
    {
        var listener = new LoopListener(endPoint.Tls, services, logger) { Alternative = endPoint.Alternative };
        listener._listener = endPoint.Inherited is { } inherited
            ? Listener.Take(inherited.Descriptor, endPoint.Address, loops, listener)
            : Listener.Bind(endPoint, loops, listener);
        // What connects to it from then on is the next process's.
        if (endPoint.Inherited is not null) listener._stop = services.Lifetime.ApplicationStopping.UnsafeRegister(static socket => _ = ((Listener)socket!).StopAsync(), listener._listener);
        listener._tags = HandshakeMetrics.TagsOf(listener._listener.EndPoint);
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
        Drain();
        _stopTimer.Change(_stopGrace, Timeout.InfiniteTimeSpan);
    }

    public async ValueTask DisposeAsync()
    {
        await _drain.DisposeAsync();
        await _stop.DisposeAsync();
        await _stopTimer.DisposeAsync();
        _services.Registry.Stop();
        _handedOver.Writer.TryComplete();
        while (_handedOver.Reader.TryRead(out var connection))
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
    }

    TimeSpan IAcceptHandler.UntilRoom() => _services.Registry.UntilRoom();

    void IAcceptHandler.OnAccepted(EventLoop loop, SocketHandle socket, in SocketAddress peer)
    {
        var registry = _services.Registry;
        ConnectionChannel channel = _tls is null ? new SocketChannel(loop, socket, peer) : new TlsChannel(loop, socket, peer, _tls);
        var place = new LoopPlace(channel, registry);
        // The number tells how many descriptors are open, whoever opened them.
        var isWithinBudget = socket.Number < registry.Limits.FirstReservedDescriptor || registry.ShedOldest(ShedReason.Descriptors);
        if (isWithinBudget && registry.TryAdmit(place))
        {
            if (_services.Balancers.AreExpected) new BalancedStart(channel, place, this, _services).Begin();
            else Serve(channel, place);
            return;
        }

        channel.Abort();
        loop.CountConnection(-1);
    }

    void IAcceptHandler.OnAcceptPaused(SocketError error)
    {
        if (error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable) _services.Registry.ShedOldest(ShedReason.Descriptors);
        var now = Environment.TickCount64;
        var before = Volatile.Read(ref _pauseToldAt);
        if (now - before < PauseToldEvery || Interlocked.CompareExchange(ref _pauseToldAt, now, before) != before) return;
        LogPaused(error);
    }

    /// <summary>Serves a connection from its first byte.</summary>
    internal void Serve(ConnectionChannel channel, LoopPlace place)
    {
        if (channel is TlsChannel secure) new TlsStart(secure, place, this, _services).Begin();
        else new ConnectionStart(channel, place, this, _services).Begin();
    }

    /// <summary>Gives a connection to Kestrel. False: it takes no more.</summary>
    internal bool HandOver(HandedConnection connection) => _handedOver.Writer.TryWrite(connection);

    // The reason is a fixed text, with nothing in it that came from the client.
    [LoggerMessage(EventId = 2804, Level = LogLevel.Debug, Message = "A TLS handshake failed: {Reason}.")]
    internal partial void LogHandshake(string reason);
    /// <summary>Knows an HTTP/2 connection until <see cref="Remove"/>.</summary>
    internal void Add(LoopStreams streams) => _streams.TryAdd(streams, true);

    internal void Remove(LoopStreams streams) => _streams.TryRemove(streams, out _);

    private void Drain()
    {
        foreach (var (streams, _) in _streams) streams.BeginDrain();
    }

    [LoggerMessage(EventId = 2801, Level = LogLevel.Warning, Message = "Accepting connections has paused ({Error}) and is tried again. Said at most every 10 seconds.")]
    private partial void LogPaused(SocketError error);
}
