using PrivacyPass.SpentTokens.Memcached.Wire;
using Tunneling.Loops;
using Tunneling.Native;

namespace PrivacyProxy.SpentTokens;

/// <summary>Reads a connection's replies on an event loop, and ends the connection when it or the loop ends. All of it runs on the loop.</summary>
internal sealed class LoopReader : Watcher
{
    private readonly MemcachedLink _link;
    private readonly EventLoop _loop;
    private readonly SocketHandle _socket;
    private ReplyBuffer _replies = new();
    private bool _mayHaveEnded;
    private bool _hasEnded;

    private LoopReader(MemcachedLink link, EventLoop loop, SocketHandle socket) => (_link, _loop, _socket) = (link, loop, socket);

    /// <summary>Any thread.</summary>
    public static void Start(MemcachedLink link, EventLoop loop, SocketTransport transport)
    {
        // A descriptor of its own: that of the transport may be closed on any thread, this one is the loop's.
        var error = Sockets.Duplicate(transport.Handle, out var socket);
        var reader = new LoopReader(link, loop, socket);
        if (error != 0) loop.Post(static reader => ((LoopReader)reader!).End(MemcachedCloseReason.Faulted), reader);
        else loop.Post(static reader => ((LoopReader)reader!).Begin(), reader);
    }

    internal override void OnEvents(EpollEvents events)
    {
        _mayHaveEnded |= (events & (EpollEvents.PeerEnded | EpollEvents.HangUp | EpollEvents.Error)) != EpollEvents.None;
        if (Read() is { } reason) End(reason);
    }

    internal override void OnAbandoned() => End(MemcachedCloseReason.Faulted);

    private void Begin()
    {
        // Not on its thread any more: it has ended.
        if (!_loop.IsCurrent || _loop.Watch(this, _socket, EpollEvents.In | EpollEvents.PeerEnded | EpollEvents.EdgeTriggered) != 0) End(MemcachedCloseReason.Faulted);
    }

    /// <summary>Reads what is there.</summary>
    private MemcachedCloseReason? Read()
    {
        while (true)
        {
            var room = _replies.Free;
            var result = Sockets.Receive(_socket, room);
            switch (result.Status)
            {
                case IoStatus.WouldBlock:
                    return null;
                case IoStatus.End:
                    return MemcachedCloseReason.ClosedByServer;
                case IoStatus.Failed:
                    return MemcachedCloseReason.Faulted;
            }

            if (_link.Received(ref _replies, result.Value) is { } reason) return reason;
            // Less than was asked for: nothing is left. What comes later is told.
            if (result.Value < room.Length && !_mayHaveEnded) return null;
        }
    }

    private void End(MemcachedCloseReason reason)
    {
        if (_hasEnded) return;
        _hasEnded = true;
        if (_loop.IsCurrent) _loop.Unwatch(this, _socket);
        _socket.Dispose();
        _replies.Dispose();
        _link.End(reason);
    }
}
