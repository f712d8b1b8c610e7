using Tunneling.Native;

namespace Tunneling.Loops;

/// <summary>A TCP connection on a loop. <see cref="ConnectionChannel.Attach"/> comes first; it may be read before that.</summary>
internal class SocketChannel : ConnectionChannel
{
    /// <summary>Takes a connected socket over.</summary>
    internal SocketChannel(EventLoop loop, SocketHandle socket, in SocketAddress peer)
        : base(loop, socket, peer)
    {
    }

    public override bool CanRead => Readable;

    public override bool CanWrite => Writable;

    public override IoResult Read(Span<byte> bytes)
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        var result = Sockets.Receive(Socket, bytes);
        switch (result.Status)
        {
            // Less than was asked for: nothing is left, unless the end was announced. What comes later is told.
            case IoStatus.Done:
                if (result.Value < bytes.Length && !MayHaveEnded) Readable = false;
                break;
            case IoStatus.WouldBlock:
                Readable = false;
                break;
            case IoStatus.Failed:
                Broken = true;
                break;
        }

        return result;
    }

    public override IoResult Write(ReadOnlySpan<byte> bytes)
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        if (bytes.IsEmpty) return IoResult.Done(0);
        var result = Sockets.Send(Socket, bytes);
        if (result.Status == IoStatus.Failed) Broken = true;
        else if (result.Status == IoStatus.WouldBlock || result.Value < bytes.Length) return AwaitRoom(result);
        return result;
    }

    /// <summary>Reads into an empty pipe, without copying.</summary>
    internal IoResult Read(SplicePipe pipe)
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        var result = pipe.Fill(Socket);
        if (result.Status == IoStatus.WouldBlock) Readable = SplicePipe.IsUnsupported;
        else if (result.Status == IoStatus.Failed) Broken = true;
        return result;
    }

    /// <summary>Writes what a pipe holds, as far as there is room.</summary>
    internal IoResult Write(SplicePipe pipe)
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        var result = pipe.Drain(Socket);
        if (result.Status == IoStatus.Failed) Broken = true;
        else if (result.Status == IoStatus.WouldBlock) return AwaitRoom(result);
        return result;
    }

    public override IoResult ShutdownWrite()
    {
        if (IsClosed) return IoResult.Failed(Errno.NotConnected);
        var error = Sockets.ShutdownWrite(Socket);
        if (error == 0) return IoResult.End;
        Broken = true;
        return IoResult.Failed(error);
    }

    public override void Close() => Release(reset: false);

    internal override void OnEvents(EpollEvents events)
    {
        Note(events);
        if ((events & EpollEvents.Out) != EpollEvents.None) Writable = true;
        Handler?.OnReady(this);
    }

    private IoResult AwaitRoom(IoResult result)
    {
        var error = WatchForRoom();
        return error == 0 ? result : IoResult.Failed(error);
    }
}
