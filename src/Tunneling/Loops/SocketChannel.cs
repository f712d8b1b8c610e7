using Tunneling.Native;

namespace Tunneling.Loops;

/// <summary>A TCP connection on a loop. Owns the socket; only <see cref="Close"/> and <see cref="Abort"/> close it.</summary>
internal class SocketChannel : Channel
{
    private const EpollEvents Reading = EpollEvents.In | EpollEvents.PeerEnded | EpollEvents.EdgeTriggered;

    private readonly SocketHandle _socket;
    private readonly SocketAddress _peer;
    private bool _canRead = true;
    private bool _canWrite = true;
    private bool _peerEnded;
    private bool _isBroken;
    private bool _watchesWriting;

    /// <summary>Takes a connected socket over. <see cref="Attach"/> comes next; it may be read before that.</summary>
    internal SocketChannel(EventLoop loop, SocketHandle socket, in SocketAddress peer)
        : base(loop)
    {
        _socket = socket;
        _peer = peer;
    }

    public override bool CanRead => _canRead;

    public override bool CanWrite => _canWrite;

    public override bool MayHaveEnded => _peerEnded || _isBroken;

    public override bool IsBroken => _isBroken;

    public override SocketAddress Peer => _peer;

    internal SocketHandle Socket => _socket;

    /// <summary>Begins to be told of changes. Returns 0 or the error number, and is closed then.</summary>
    public int Attach()
    {
        var error = Loop.Watch(this, _socket, Reading);
        if (error != 0) Close();
        return error;
    }

    public override IoResult Read(Span<byte> bytes)
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        var result = Sockets.Receive(_socket, bytes);
        switch (result.Status)
        {
            // Less than was asked for: nothing is left, unless the end was announced. What comes later is told.
            case IoStatus.Done:
                if (result.Value < bytes.Length && !_peerEnded && !_isBroken) _canRead = false;
                break;
            case IoStatus.WouldBlock:
                _canRead = false;
                break;
            case IoStatus.Failed:
                _isBroken = true;
                break;
        }

        return result;
    }

    public override IoResult Write(ReadOnlySpan<byte> bytes)
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        if (bytes.IsEmpty) return IoResult.Done(0);
        var result = Sockets.Send(_socket, bytes);
        if (result.Status == IoStatus.Failed) _isBroken = true;
        else if (result.Status == IoStatus.WouldBlock || result.Value < bytes.Length) return AwaitRoom(result);
        return result;
    }

    public override IoResult ShutdownWrite()
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        var error = Sockets.ShutdownWrite(_socket);
        if (error == 0) return IoResult.End;
        _isBroken = true;
        return IoResult.Failed(error);
    }

    public override void Close()
    {
        if (IsClosed) return;
        IsClosed = true;
        Handler = null;
        _canRead = _canWrite = false;
        Loop.Forget(this);
        _socket.Dispose();
    }

    public override void Abort()
    {
        if (IsClosed) return;
        Sockets.ResetOnClose(_socket);
        Close();
    }

    /// <summary>
    /// Breaks it for one who is not its owner, as the network would: the descriptor is free at once, the peer gets a RST, and the handler is
    /// told, whose reads and writes fail from now on.
    /// </summary>
    public void Break()
    {
        if (IsClosed) return;
        var handler = Handler;
        Abort();
        _isBroken = _canRead = _canWrite = true;
        handler?.OnReady(this);
    }

    /// <summary>Bytes the kernel takes for a peer that does not read, beyond what is on its way; 0 for what the system has for everybody.</summary>
    public void LimitUnsent(int bytes)
    {
        if (!IsClosed) Sockets.SetOption(_socket, Libc.SolTcp, Libc.TcpNotSentLowWater, bytes);
    }

    internal override void OnEvents(EpollEvents events)
    {
        if ((events & (EpollEvents.Error | EpollEvents.HangUp)) != EpollEvents.None)
        {
            // A hang-up alone is both directions ended in order, with bytes perhaps still to be read.
            _isBroken |= (events & EpollEvents.Error) != EpollEvents.None;
            _canRead = _canWrite = true;
        }

        if ((events & EpollEvents.PeerEnded) != EpollEvents.None) _peerEnded = _canRead = true;
        if ((events & EpollEvents.In) != EpollEvents.None) _canRead = true;
        if ((events & EpollEvents.Out) != EpollEvents.None) _canWrite = true;
        Handler?.OnReady(this);
    }

    /// <summary>Room is watched for only on connections that once had none: most never do, and each would be told of it in vain.</summary>
    private IoResult AwaitRoom(IoResult result)
    {
        _canWrite = false;
        if (_watchesWriting) return result;
        _watchesWriting = true;
        var error = Loop.Rewatch(this, _socket, Reading | EpollEvents.Out);
        return error == 0 ? result : IoResult.Failed(error);
    }

    /// <summary>For a socket that was watched for writing from the start.</summary>
    internal void Adopt(EpollEvents seen)
    {
        _watchesWriting = true;
        _peerEnded = (seen & EpollEvents.PeerEnded) != EpollEvents.None;
    }
}
