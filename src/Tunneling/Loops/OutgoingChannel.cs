using System.Threading.Tasks.Sources;
using Tunneling.Native;

namespace Tunneling.Loops;

/// <summary>A TCP connection that is made from here. Made, connected and awaited on its loop; the await goes on there, in the turn that brought the outcome.</summary>
internal sealed class OutgoingChannel : SocketChannel, IValueTaskSource<int>
{
    private const EpollEvents Wanted = EpollEvents.In | EpollEvents.Out | EpollEvents.PeerEnded | EpollEvents.EdgeTriggered;
    private const int Canceled = 125;

    private State _state;
    private int _error;
    private Action<object?>? _continuation;
    private object? _continuationState;

    private enum State
    {
        New,
        Connecting,
        Connected,
        Failed,
    }

    private OutgoingChannel(EventLoop loop, SocketHandle socket, in SocketAddress peer)
        : base(loop, socket, peer)
    {
    }

    /// <summary>A socket that is not yet connected, so that options can be set on it. Returns 0 or the error number.</summary>
    public static int Create(EventLoop loop, in SocketAddress destination, out OutgoingChannel? channel)
    {
        var error = Sockets.Create(destination.Family, out var socket);
        channel = error == 0 ? new OutgoingChannel(loop, socket, destination) : null;
        return error;
    }

    /// <summary>Connects. The result is 0 or the error number, with which it is closed. <see cref="Channel.Abort"/> ends the attempt.</summary>
    public ValueTask<int> ConnectAsync()
    {
        var error = Sockets.Connect(Socket, Peer);
        if (error is not (0 or Errno.InProgress)) return new(Fail(error));
        _state = error == 0 ? State.Connected : State.Connecting;
        if (Loop.Watch(this, Socket, Wanted) is not 0 and var failed) return new(Fail(failed));
        Adopt(EpollEvents.None);
        return error == 0 ? new(0) : new(this, 0);
    }

    public override void Close()
    {
        base.Close();
        if (_state == State.Connecting) Complete(State.Failed, Canceled);
    }

    internal override void OnEvents(EpollEvents events)
    {
        if (_state != State.Connecting)
        {
            base.OnEvents(events);
            return;
        }

        if ((events & (EpollEvents.Error | EpollEvents.HangUp)) != EpollEvents.None)
        {
            var error = Sockets.PendingError(Socket);
            if (error != 0)
            {
                _state = State.Failed;
                Close();
                Complete(State.Failed, error);
                return;
            }
        }

        if ((events & (EpollEvents.Out | EpollEvents.HangUp)) == EpollEvents.None) return;
        Adopt(events);
        Complete(State.Connected, 0);
    }

    int IValueTaskSource<int>.GetResult(short token) => _error;

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _state switch
    {
        State.New or State.Connecting => ValueTaskSourceStatus.Pending,
        _ => ValueTaskSourceStatus.Succeeded,
    };

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        // The loop's thread completes it and the loop's thread waits: no context to go back to.
        _continuationState = state;
        _continuation = continuation;
    }

    private int Fail(int error)
    {
        _state = State.Failed;
        Close();
        return error;
    }

    private void Complete(State state, int error)
    {
        _state = state;
        _error = error;
        var (continuation, argument) = (_continuation, _continuationState);
        _continuation = null;
        _continuationState = null;
        continuation?.Invoke(argument);
    }
}
