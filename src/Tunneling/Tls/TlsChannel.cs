using Tunneling.Loops;
using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>
/// A TLS connection on a loop. First <see cref="Attach"/>, then <see cref="Handshake"/> whenever its handler is told, until it says Done; from then
/// on it is a channel like any other. Owns the socket and the session. What was taken is sent even after <see cref="Close"/>, for a bounded time.
/// </summary>
internal sealed class TlsChannel : Channel
{
    private const EpollEvents Reading = EpollEvents.In | EpollEvents.PeerEnded | EpollEvents.EdgeTriggered;

    /// <summary>How long a peer may take, after <see cref="Close"/>, for what waits; at most one step of <see cref="TlsSession.Write"/>.</summary>
    private static readonly TimeSpan _lingering = TimeSpan.FromSeconds(30);

    // One for each loop: sessions of a thread share it.
    [ThreadStatic]
    private static TlsBuffers? t_buffers;

    private readonly SocketHandle _socket;
    private readonly SocketAddress _peer;
    private bool _canRead = true;
    private bool _canWrite = true;
    private bool _peerEnded;
    private bool _isBroken;
    private bool _watchesWriting;
    private bool _isGone;
    private LoopTimer? _deadline;

    /// <summary>Takes an accepted socket over. On the loop's thread.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">No memory is left; the socket is the caller's still.</exception>
    public TlsChannel(EventLoop loop, SocketHandle socket, in SocketAddress peer, TlsServerContext context)
        : base(loop)
    {
        Session = context.Accept(socket, t_buffers ??= new TlsBuffers());
        _socket = socket;
        _peer = peer;
    }

    /// <summary>What the handshake agreed on. Asked before the channel is closed.</summary>
    public TlsSession Session { get; }

    public override bool CanRead => !IsClosed && (_canRead || Session.HasPendingRead);

    public override bool CanWrite => _canWrite;

    public override bool MayHaveEnded => _peerEnded || _isBroken;

    public override bool IsBroken => _isBroken;

    public override SocketAddress Peer => _peer;

    /// <summary>Begins to be told of changes. Returns 0 or the error number, and is closed then.</summary>
    public int Attach()
    {
        var error = Loop.Watch(this, _socket, Reading);
        if (error != 0) Release(reset: false);
        return error;
    }

    /// <summary>Goes on with the handshake. <see cref="IoStatus.End"/>: done; <see cref="IoStatus.WouldBlock"/>: again when the handler is told.</summary>
    public IoResult Handshake()
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        Session.MayHaveEnded = MayHaveEnded;
        return Session.Handshake() switch
        {
            TlsStatus.Done => Await(IoResult.End),
            TlsStatus.WantRead => FoundNothing(),
            TlsStatus.WantWrite => Await(IoResult.WouldBlock),
            _ => Broken(),
        };
    }

    public override IoResult Read(Span<byte> bytes)
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        Session.MayHaveEnded = MayHaveEnded;
        var result = Session.Read(bytes);
        switch (result.Status)
        {
            case TlsStatus.Done:
                if (Session.IsDrained) _canRead = false;
                return Await(IoResult.Done(result.Count));
            case TlsStatus.WantRead:
                return FoundNothing();
            case TlsStatus.WantWrite:
                // Its answers must go first; then there is an event for both.
                _canRead = false;
                return Await(IoResult.WouldBlock);
            case TlsStatus.EndOfStream:
                return IoResult.End;
            default:
                return Broken();
        }
    }

    public override IoResult Write(ReadOnlySpan<byte> bytes)
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        if (bytes.IsEmpty) return IoResult.Done(0);
        var result = Session.Write(bytes);
        return result.Status switch
        {
            TlsStatus.Done => IoResult.Done(result.Count),
            TlsStatus.WantWrite or TlsStatus.WantRead => Await(result.Count > 0 ? IoResult.Done(result.Count) : IoResult.WouldBlock),
            _ => Broken(),
        };
    }

    public override IoResult ShutdownWrite()
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        return Session.Shutdown() switch
        {
            TlsStatus.Done => IoResult.End,
            TlsStatus.WantWrite => Await(IoResult.WouldBlock),
            _ => Broken(),
        };
    }

    public override void Close()
    {
        if (IsClosed) return;
        IsClosed = true;
        Handler = null;
        if (!_isBroken && Session.IsEstablished) Session.Shutdown();
        if (_isBroken || !Session.HasPendingWrite || Await(IoResult.End).Status == IoStatus.Failed)
        {
            Release(reset: false);
            return;
        }

        _deadline = new LoopTimer(static channel => ((TlsChannel)channel!).Release(reset: true), this);
        Loop.Start(_deadline, _lingering);
    }

    public override void Abort()
    {
        Handler = null;
        Release(reset: true);
    }

    internal override void OnEvents(EpollEvents events)
    {
        if ((events & (EpollEvents.Error | EpollEvents.HangUp)) != EpollEvents.None)
        {
            _isBroken |= (events & EpollEvents.Error) != EpollEvents.None;
            _canRead = _canWrite = true;
        }

        if ((events & EpollEvents.PeerEnded) != EpollEvents.None) _peerEnded = _canRead = true;
        if ((events & EpollEvents.In) != EpollEvents.None) _canRead = true;
        if ((events & EpollEvents.Out) != EpollEvents.None)
        {
            // Nobody else sends what waits.
            _canWrite = Session.Flush() != TlsStatus.WantWrite;
            _canRead |= _canWrite;
        }

        if (!IsClosed) Handler?.OnReady(this);
        else if (_isBroken || !Session.HasPendingWrite) Release(reset: _isBroken);
    }

    private IoResult FoundNothing()
    {
        _canRead = false;
        return Await(IoResult.WouldBlock);
    }

    private IoResult Broken()
    {
        _isBroken = true;
        return IoResult.Failed(Session.SocketError != 0 ? Session.SocketError : Errno.Protocol);
    }

    /// <summary>Watches for room while ciphertext waits for it.</summary>
    private IoResult Await(IoResult result)
    {
        if (!Session.HasPendingWrite) return result;
        _canWrite = false;
        if (_watchesWriting) return result;
        _watchesWriting = true;
        var error = Loop.Rewatch(this, _socket, Reading | EpollEvents.Out);
        return error == 0 ? result : IoResult.Failed(error);
    }

    private void Release(bool reset)
    {
        if (_isGone) return;
        _isGone = IsClosed = true;
        Handler = null;
        _canRead = _canWrite = false;
        if (_deadline is { IsRunning: true } deadline) Loop.Stop(deadline);
        Loop.Forget(this);
        Session.Dispose();
        if (reset) Sockets.ResetOnClose(_socket);
        _socket.Dispose();
    }
}
