using System.Net;
using System.Net.Sockets;
using Tunneling.Native;
using SocketAddress = Tunneling.Native.SocketAddress;

namespace Tunneling.Loops;

/// <summary>What becomes of the connections of a <see cref="Listener"/>.</summary>
internal interface IAcceptHandler
{
    /// <summary>
    /// A connection has come; called on <paramref name="loop"/>, where it is to live. The socket is the callee's from here on.
    /// <see cref="EventLoop.CountConnection"/> has counted it in: count it out when it is closed.
    /// What throws here has its socket closed and counted out for it.
    /// </summary>
    void OnAccepted(EventLoop loop, SocketHandle socket, in SocketAddress peer);

    /// <summary>How long to wait before the next connection is accepted; zero while there is room. On a loop's thread.</summary>
    TimeSpan UntilRoom() => TimeSpan.Zero;

    /// <summary>Accepting has paused for want of descriptors or memory, and is tried again soon. On a loop's thread.</summary>
    void OnAcceptPaused(SocketError error);
}

/// <summary>
/// A listening socket that all loops accept from, each as it has time (EPOLLEXCLUSIVE: one is woken), and hand over to one with clearly less
/// to do. One socket and not one per loop with SO_REUSEPORT: with that a second process on the same port would be let in silently.
/// </summary>
internal sealed class Listener
{
    private const int Backlog = 4096;

    /// <summary>Connections taken in one turn.</summary>
    private const int Budget = 64;

    /// <summary>Seconds of silence after which TCP keep-alive asks whether an accepted peer is still there.</summary>
    public const int KeepAliveTime = 30;

    /// <summary>Seconds between its probes.</summary>
    public const int KeepAliveInterval = 10;

    /// <summary>Probes without an answer that end the connection.</summary>
    public const int KeepAliveProbes = 4;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly SocketHandle _socket;
    private readonly LoopGroup _loops;
    private readonly IAcceptHandler _handler;
    private readonly List<Acceptor> _acceptors = [];
    private readonly Lazy<Task> _stopped;

    private Listener(SocketHandle socket, IPEndPoint endPoint, LoopGroup loops, IAcceptHandler handler)
    {
        (_socket, EndPoint, _loops, _handler) = (socket, endPoint, loops, handler);
        foreach (var loop in loops.Loops) _acceptors.Add(new Acceptor(this, loop));
        _stopped = new Lazy<Task>(StopOnceAsync);
    }

    /// <summary>Where it listens, with the real port.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Binds and listens; nothing is accepted before <see cref="Start"/>.</summary>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public static Listener Bind(IPEndPoint endPoint, LoopGroup loops, IAcceptHandler handler)
    {
        var address = SocketAddress.From(endPoint);
        ThrowIfFailed(Sockets.Create(address.Family, out var socket));
        try
        {
            ThrowIfFailed(Sockets.SetOption(socket, Libc.SolSocket, Libc.SoReuseAddress, 1));
            SetInherited(socket);
            if (address.Family == Libc.AddressFamilyInet6)
                ThrowIfFailed(Sockets.SetOption(socket, Libc.SolIpv6, Libc.Ipv6Only, endPoint.Address.Equals(IPAddress.IPv6Any) ? 0 : 1));
            ThrowIfFailed(Sockets.Bind(socket, address));
            return Listen(socket, endPoint.Address, loops, handler);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The same with a socket that another process has bound and may go on to have; it is this one's to close.</summary>
    /// <exception cref="SocketException">It cannot be listened on.</exception>
    public static Listener Take(int descriptor, IPAddress address, LoopGroup loops, IAcceptHandler handler)
    {
        var error = Sockets.Take(descriptor, out var socket);
        try
        {
            ThrowIfFailed(error);
            SetInherited(socket);
            return Listen(socket, address, loops, handler);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Start()
    {
        foreach (var acceptor in _acceptors) acceptor.Loop.Post(static acceptor => ((Acceptor)acceptor!).Begin(), acceptor);
    }

    /// <summary>Accepts no more and closes the socket; what was accepted goes on. Any thread, more than once.</summary>
    public Task StopAsync() => _stopped.Value;

    private static Listener Listen(SocketHandle socket, IPAddress address, LoopGroup loops, IAcceptHandler handler)
    {
        ThrowIfFailed(Sockets.Listen(socket, Backlog));
        ThrowIfFailed(Sockets.LocalAddress(socket, out var bound));
        return new Listener(socket, new IPEndPoint(address, bound.Port), loops, handler);
    }

    /// <summary>What accepted sockets inherit.</summary>
    private static void SetInherited(SocketHandle socket)
    {
        ThrowIfFailed(Sockets.SetOption(socket, Libc.SolTcp, Libc.TcpNoDelay, 1));
        ThrowIfFailed(Sockets.SetOption(socket, Libc.SolSocket, Libc.SoKeepAlive, 1));
        ThrowIfFailed(Sockets.SetOption(socket, Libc.SolTcp, Libc.TcpKeepIdle, KeepAliveTime));
        ThrowIfFailed(Sockets.SetOption(socket, Libc.SolTcp, Libc.TcpKeepInterval, KeepAliveInterval));
        ThrowIfFailed(Sockets.SetOption(socket, Libc.SolTcp, Libc.TcpKeepCount, KeepAliveProbes));
    }

    private async Task StopOnceAsync()
    {
        var stops = new List<Task>(_acceptors.Count);
        foreach (var acceptor in _acceptors) stops.Add(acceptor.StopAsync());
        await Task.WhenAll(stops);
        _socket.Dispose();
    }

    private static void ThrowIfFailed(int error)
    {
        if (error != 0) throw new SocketException((int)Errno.ToSocketError(error));
    }

    /// <summary>One loop's part in accepting.</summary>
    private sealed class Acceptor : Watcher
    {
        private readonly Listener _listener;
        private readonly LoopTimer _resume;
        private bool _stopped;

        public Acceptor(Listener listener, EventLoop loop)
        {
            (_listener, Loop) = (listener, loop);
            _resume = new LoopTimer(static acceptor => ((Acceptor)acceptor!).Begin(), this);
        }

        public EventLoop Loop { get; }

        public void Begin()
        {
            // Without memory for the watch there is as little for connections: later.
            if (!_stopped && Loop.Watch(this, _listener._socket, EpollEvents.In | EpollEvents.Exclusive) is not 0 and var error) Pause(error);
        }

        public Task StopAsync()
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Loop.Post(_ => Stop(done), null);
            return done.Task;
        }

        internal override void OnEvents(EpollEvents events)
        {
            for (var i = 0; i < Budget && !_stopped; i++)
            {
                if (_listener._handler.UntilRoom() is var wait && wait > TimeSpan.Zero)
                {
                    // It waits in the queue, where it costs nothing.
                    PauseFor(wait);
                    return;
                }

                var error = Sockets.Accept(_listener._socket, out var socket, out var peer);
                if (error == 0)
                {
                    Place(socket, peer);
                    continue;
                }

                if (error == Errno.WouldBlock) return;
                if (Errno.IsExhaustion(error))
                {
                    // The connection still waits, and would wake us for ever.
                    Pause(error);
                    return;
                }

                // Any other error is that of one connection, which is gone.
            }
        }

        internal override void OnAbandoned()
        {
            _stopped = true;
            Loop.Unwatch(this, _listener._socket);
        }

        private void Place(SocketHandle socket, in SocketAddress peer)
        {
            var loop = _listener._loops.Choose(Loop);
            loop.CountConnection(1);
            if (ReferenceEquals(loop, Loop)) Deliver(loop, socket, peer);
            else HandOver(loop, socket, peer);
        }

        private void HandOver(EventLoop loop, SocketHandle socket, SocketAddress peer) => loop.Post(_ => Deliver(loop, socket, peer), null);

        private void Deliver(EventLoop loop, SocketHandle socket, in SocketAddress peer)
        {
            try
            {
                _listener._handler.OnAccepted(loop, socket, peer);
            }
            catch (Exception e)
            {
                // One connection's trouble must not end the accepting of others.
                loop.CountConnection(-1);
                socket.Dispose();
                loop.Report(e);
            }
        }

        private void Pause(int error)
        {
            PauseFor(_pause);
            _listener._handler.OnAcceptPaused(Errno.ToSocketError(error));
        }

        private void PauseFor(TimeSpan time)
        {
            Loop.Unwatch(this, _listener._socket);
            Loop.Start(_resume, time);
        }

        private void Stop(TaskCompletionSource done)
        {
            _stopped = true;
            if (_resume.IsRunning) Loop.Stop(_resume);
            Loop.Unwatch(this, _listener._socket);
            done.SetResult();
        }
    }
}
