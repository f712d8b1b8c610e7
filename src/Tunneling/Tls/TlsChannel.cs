using Tunneling.Loops;
using Tunneling.Native;

namespace Tunneling.Tls;

/// <summary>
/// A TLS connection on a loop. First <see cref="ConnectionChannel.Attach"/>, then <see cref="Handshake"/> whenever its handler is told, until it says
/// Done; from then on it is a channel like any other. Owns the socket and the session. What was taken is sent even after <see cref="Close"/>, for a
/// bounded time.
/// </summary>
internal sealed class TlsChannel : ConnectionChannel
{
    /// <summary>How long a peer may take, after <see cref="Close"/>, for what waits; at most one step of <see cref="TlsSession.Write"/>.</summary>
    private static readonly TimeSpan _lingering = TimeSpan.FromSeconds(30);

    // One for each loop: sessions of a thread share it.
    [ThreadStatic]
    private static TlsBuffers? t_buffers;

    private LoopTimer? _deadline;

    /// <summary>Takes an accepted socket over. On the loop's thread.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">No memory is left; the socket is the caller's still.</exception>
    public TlsChannel(EventLoop loop, SocketHandle socket, in SocketAddress peer, TlsServerContext context)
        : base(loop, socket, peer) => Session = context.Accept(socket, t_buffers ??= new TlsBuffers());

    /// <summary>What the handshake agreed on. Asked before the channel is closed.</summary>
    public TlsSession Session { get; }

    public override bool CanRead => Readable || (!IsClosed && Session.HasPendingRead);

    public override bool CanWrite => Writable;

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
            _ => Fail(),
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
                if (Session.IsDrained) Readable = false;
                return Await(IoResult.Done(result.Count));
            case TlsStatus.WantRead:
                return FoundNothing();
            case TlsStatus.WantWrite:
                // Its answers must go first; then there is an event for both.
                Readable = false;
                return Await(IoResult.WouldBlock);
            // Whether what came is all is for those to know who speak through it; many clients take no leave.
            case TlsStatus.EndOfStream or TlsStatus.Truncated:
                return IoResult.End;
            default:
                return Fail();
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
            _ => Fail(),
        };
    }

    public override IoResult ShutdownWrite()
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        return Session.Shutdown() switch
        {
            TlsStatus.Done => IoResult.End,
            TlsStatus.WantWrite => Await(IoResult.WouldBlock),
            _ => Fail(),
        };
    }

    public override void Close()
    {
        if (IsClosed) return;
        IsClosed = true;
        Handler = null;
        if (!IsBroken && Session.IsEstablished) Session.Shutdown();
        if (IsBroken || !Session.HasPendingWrite || Await(IoResult.End).Status == IoStatus.Failed)
        {
            Release(reset: false);
            return;
        }

        _deadline = new LoopTimer(static channel => ((TlsChannel)channel!).Release(reset: true), this);
        Loop.Start(_deadline, _lingering);
    }

    internal override void OnEvents(EpollEvents events)
    {
        Note(events);
        if ((events & EpollEvents.Out) != EpollEvents.None)
        {
            // Nobody else sends what waits.
            Writable = Session.Flush() != TlsStatus.WantWrite;
            Readable |= Writable;
        }

        if (!IsClosed) Handler?.OnReady(this);
        else if (IsBroken || !Session.HasPendingWrite) Release(reset: IsBroken);
    }

    protected override void Release(bool reset)
    {
        if (IsReleased) return;
        if (_deadline is { IsRunning: true } deadline) Loop.Stop(deadline);
        // Before its socket.
        Session.Dispose();
        base.Release(reset);
    }

    private IoResult FoundNothing()
    {
        Readable = false;
        return Await(IoResult.WouldBlock);
    }

    private IoResult Fail()
    {
        Broken = true;
        return IoResult.Failed(Session.SocketError != 0 ? Session.SocketError : Errno.Protocol);
    }

    /// <summary>Watches for room while ciphertext waits for it.</summary>
    private IoResult Await(IoResult result)
    {
        if (!Session.HasPendingWrite) return result;
        var error = WatchForRoom();
        return error == 0 ? result : IoResult.Failed(error);
    }
}
