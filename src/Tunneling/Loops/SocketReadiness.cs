using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Tunneling.Native;

namespace Tunneling.Loops;

/// <summary>
/// Tells on a loop when a socket of .NET's may have something to read, without .NET's own thread for sockets: who asks reads the socket until
/// it would block, then waits again. Lives on the loop's thread but for <see cref="Close"/>; one waits at a time.
/// </summary>
internal sealed class SocketReadiness(EventLoop loop, Socket socket) : Watcher, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _waiter;
    private bool _isReady;
    private bool _isWaiting;
    private bool _isClosed;

    /// <summary>Until there may be something to read; at once the first time, and when something has come since the wait before.</summary>
    /// <exception cref="ObjectDisposedException">The socket is closed; one that was not watched yet may say so only at its next use.</exception>
    /// <exception cref="SocketException">The system has no room to watch it.</exception>
    public ValueTask WaitAsync()
    {
        ObjectDisposedException.ThrowIf(_isClosed, socket);
        if (Slot < 0) Watch();
        if (_isReady)
        {
            _isReady = false;
            return ValueTask.CompletedTask;
        }

        _waiter.Reset();
        _isWaiting = true;
        return new ValueTask(this, _waiter.Version);
    }

    /// <summary>The socket was closed, of which the system tells nobody: whoever waits, or will, is told. Any thread.</summary>
    public void Close() => loop.Post(static readiness => ((SocketReadiness)readiness!).End(), this);

    internal override void OnEvents(EpollEvents events)
    {
        if (!_isWaiting)
        {
            _isReady = true;
            return;
        }

        _isWaiting = false;
        _waiter.SetResult(true);
    }

    internal override void OnAbandoned() => End();

    void IValueTaskSource.GetResult(short token) => _waiter.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);

    private void Watch()
    {
        _isReady = true;
        var error = 0;
        try
        {
            error = loop.Watch(this, socket.SafeHandle, EpollEvents.In | EpollEvents.EdgeTriggered);
        }
        catch (ObjectDisposedException)
        {
            loop.Forget(this);
            throw;
        }

        if (error != 0) throw new SocketException((int)Errno.ToSocketError(error));
    }

    private void End()
    {
        if (_isClosed) return;
        _isClosed = true;
        loop.Forget(this);
        if (!_isWaiting) return;
        _isWaiting = false;
        _waiter.SetException(new ObjectDisposedException(typeof(Socket).FullName));
    }
}
