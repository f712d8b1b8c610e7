using Tunneling.Native;

namespace Tunneling.Loops;

/// <summary>
/// A channel that is a whole connection: it owns a socket, which only <see cref="Channel.Close"/>, <see cref="Channel.Abort"/> and <see cref="Break"/>
/// close. It may be read before <see cref="Attach"/>.
/// </summary>
internal abstract class ConnectionChannel(EventLoop loop, SocketHandle socket, in SocketAddress peer) : Channel(loop)
{
    protected const EpollEvents Reading = EpollEvents.In | EpollEvents.PeerEnded | EpollEvents.EdgeTriggered;

    private SocketAddress _peer = peer;
    private Action? _released;
    private bool _peerEnded;
    private bool _watchesWriting;

    public override bool MayHaveEnded => _peerEnded || Broken;

    public override bool IsBroken => Broken;

    public override SocketAddress Peer => _peer;

    internal SocketHandle Socket => socket;

    /// <summary>What <see cref="Channel.IsBroken"/> says.</summary>
    protected bool Broken { get; set; }

    /// <summary>Whether the socket may have something to read.</summary>
    protected bool Readable { get; set; } = true;

    /// <summary>Whether the socket may have room.</summary>
    protected bool Writable { get; set; } = true;

    /// <summary>Whether the descriptor is closed: after <see cref="Channel.Close"/> it may still be sending what was taken.</summary>
    public bool IsReleased { get; private set; }

    /// <summary>The other end speaks for somebody else, whose address is the peer's from now on.</summary>
    public void ActFor(in SocketAddress peer) => _peer = peer;

    /// <summary>Begins to be told of changes; again does nothing. Returns 0 or the error number, and is closed then.</summary>
    public int Attach()
    {
        if (Slot >= 0) return 0;
        var error = Loop.Watch(this, socket, Reading);
        if (error != 0) Release(reset: false);
        return error;
    }

    public override void Abort()
    {
        Handler = null;
        Release(reset: true);
    }

    /// <summary>
    /// Breaks it for one who is not its owner, as the network would: the descriptor is free at once, the peer gets a RST, and the handler is
    /// told, whose reads and writes fail from now on.
    /// </summary>
    public void Break()
    {
        var (handler, wasClosed) = (Handler, IsClosed);
        Abort();
        if (wasClosed) return;
        Broken = Readable = Writable = true;
        handler?.OnReady(this);
    }

    /// <summary>Bytes the kernel takes for a peer that does not read, beyond what is on its way; 0 for what the system has for everybody.</summary>
    public void LimitUnsent(int bytes)
    {
        if (!IsReleased) Sockets.SetOption(socket, Libc.SolTcp, Libc.TcpNotSentLowWater, bytes);
    }

    /// <summary>Calls once the descriptor is free: now, or when what was taken before <see cref="Channel.Close"/> has been sent.</summary>
    public void WhenReleased(Action released)
    {
        if (IsReleased) released();
        else _released = released;
    }

    /// <summary>What the loop says of the socket.</summary>
    protected void Note(EpollEvents events)
    {
        if ((events & (EpollEvents.Error | EpollEvents.HangUp)) != EpollEvents.None)
        {
            // A hang-up alone is both directions ended in order, with bytes perhaps still to be read.
            Broken |= (events & EpollEvents.Error) != EpollEvents.None;
            Readable = Writable = true;
        }

        if ((events & EpollEvents.PeerEnded) != EpollEvents.None) _peerEnded = Readable = true;
        if ((events & EpollEvents.In) != EpollEvents.None) Readable = true;
    }

    /// <summary>Room is watched for only on connections that once had none: most never do, and each would be told of it in vain. Returns 0 or the error number.</summary>
    protected int WatchForRoom()
    {
        Writable = false;
        if (_watchesWriting) return 0;
        _watchesWriting = true;
        return Loop.Rewatch(this, socket, Reading | EpollEvents.Out);
    }

    /// <summary>For a socket that was watched for writing from the start.</summary>
    protected void Adopt(EpollEvents seen)
    {
        _watchesWriting = true;
        _peerEnded = (seen & EpollEvents.PeerEnded) != EpollEvents.None;
    }

    /// <summary>Frees the descriptor; again does nothing. The handler hears no more.</summary>
    protected virtual void Release(bool reset)
    {
        if (IsReleased) return;
        IsReleased = IsClosed = true;
        Handler = null;
        Readable = Writable = false;
        Loop.Forget(this);
        if (reset) Sockets.ResetOnClose(socket);
        socket.Dispose();
        var released = _released;
        _released = null;
        released?.Invoke();
    }
}
