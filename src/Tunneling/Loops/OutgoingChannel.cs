using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Tunneling.Native;
using SocketAddress = Tunneling.Native.SocketAddress;

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

    public AddressFamily Family => Peer.Family == Libc.AddressFamilyInet ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

    public void SetNoDelay() => Sockets.SetOption(Socket, Libc.SolTcp, Libc.TcpNoDelay, 1);

    /// <summary>For tests: little room makes back-pressure visible soon.</summary>
    public void SetReceiveBuffer(int bytes) => Sockets.SetOption(Socket, Libc.SolSocket, Libc.SoReceiveBuffer, bytes);

    public void SetKeepAlive(int idleSeconds, int intervalSeconds)
    {
        Sockets.SetOption(Socket, Libc.SolSocket, Libc.SoKeepAlive, 1);
        Sockets.SetOption(Socket, Libc.SolTcp, Libc.TcpKeepIdle, idleSeconds);
        Sockets.SetOption(Socket, Libc.SolTcp, Libc.TcpKeepInterval, intervalSeconds);
    }

    /// <summary>Chooses the local address; its port at connect, per destination: else one address is good for 28,000 connections in all. Returns 0 or the error number.</summary>
    public int Bind(in SocketAddress source)
    {
        // A kernel (or sandbox) without the option works, with fewer ports.
        Sockets.SetOption(Socket, Libc.SolIp, Libc.IpBindAddressNoPort, 1);
        return Sockets.Bind(Socket, source);
    }

    /// <summary>Ends an attempt that is under way; one that has ended stays as it is.</summary>
    public void CancelConnect()
    {
        if (_state == State.Connecting) Close();
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
        // Nothing has come yet, or it would have been told with this; what comes is told.
        Readable = (events & (EpollEvents.In | EpollEvents.PeerEnded | EpollEvents.HangUp | EpollEvents.Error)) != EpollEvents.None;
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

    protected override void Release(bool reset)
    {
        base.Release(reset);
        if (_state == State.Connecting) Complete(State.Failed, Canceled);
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
