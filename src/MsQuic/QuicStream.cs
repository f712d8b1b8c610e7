using System.IO.Pipelines;
using MsQuic.Native;
using MsQuic.Streams;

namespace MsQuic;

/// <summary>
/// A stream. <see cref="Input"/> hands out received bytes where libmsquic has put them, and gives the window back as they are advanced over;
/// <see cref="Output"/> sends from its own memory, and its flush waits while more is under way than the path is good for. To be disposed.
/// </summary>
public sealed class QuicStream : IStreamEvents, IDuplexPipe, IAsyncDisposable
{
    /// <summary>What is best written at once where there is much to write, bytes: one block of <see cref="Output"/>'s memory.</summary>
    public const int LargeWrite = SendBlock.LargeCapacity;

    /// <summary>How long none of what was sent before the end need arrive, once the stream is disposed.</summary>
    private static readonly TimeSpan _linger = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<uint> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _accepted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _sendEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly QuicConnection _connection;
    private readonly QuicPipeReader _reader;
    private readonly QuicPipeWriter _writer;
    private StreamHandle _handle = null!;
    private Action? _givenUp;
    private bool _isStarted;
    private volatile bool _isReset;
    private int _disposed;

    private QuicStream(QuicConnection connection, bool canRead, bool canWrite)
    {
        (_connection, CanRead, CanWrite) = (connection, canRead, canWrite);
        _reader = new QuicPipeReader(this);
        _writer = new QuicPipeWriter(this, connection.SendLimit);
        if (!canRead) _reader.Finish();
        if (!canWrite) _writer.Stop();
    }

    /// <summary>Its number (RFC 9000, section 2.1); -1 before it is known.</summary>
    public long Id { get; private set; } = -1;

    /// <summary>Whether the peer may send on it.</summary>
    public bool CanRead { get; }

    /// <summary>Whether this side may send on it.</summary>
    public bool CanWrite { get; }

    /// <summary>Received bytes. Fails with a <see cref="QuicException"/> when the peer resets the stream or the connection ends before it has.</summary>
    public PipeReader Input => _reader;

    /// <summary>
    /// Bytes to be sent. As with any pipe, a flush says that it is completed when the peer wants no more of it or the connection has ended.
    /// Completing it ends the direction in order; with an exception it is reset.
    /// </summary>
    public PipeWriter Output => _writer;

    /// <summary>Done when both directions have ended, in whatever way.</summary>
    public Task Closed => _closed.Task;

    /// <summary>The code with which the peer reset the stream or asked for it to stop, or closed the connection; null when it did neither.</summary>
    public long? PeerErrorCode { get; private set; }

    /// <summary>What <see cref="Input"/> throws instead of a <see cref="QuicException"/>: for hosts that know exceptions of their own.</summary>
    public Func<QuicException, Exception>? ErrorMapping { get; set; }

    /// <summary>
    /// Whether who waits for bytes, or for room to send, goes on with them on libmsquic's own thread, which saves two changes of threads each time.
    /// Only for code that never blocks: all of the connection waits for it, and others. Ends and errors come on the thread pool all the same.
    /// </summary>
    public bool ContinuesInline { get; set; }

    internal StreamHandle Handle => _handle;

    /// <summary>
    /// Has something done once, on the thread pool, when the peer resets the stream or asks for it to stop, or the connection has ended; at
    /// once if that was so. One thing at most; null for nothing any more.
    /// </summary>
    public void OnGivenUp(Action? action)
    {
        // In this order for other threads too: who ends the stream now either sees the action, or is seen here.
        Interlocked.Exchange(ref _givenUp, action);
        if (action is not null && (PeerErrorCode is not null || _closed.Task.IsCompleted)) GiveUp();
    }

    /// <summary>Nothing is written for now: memory that <see cref="Output"/> was asked for and nothing was written to is given back.</summary>
    public void ReleaseMemory() => _writer.Release();

    /// <summary>RESET_STREAM: what was not acknowledged is lost.</summary>
    public void Reset(long code)
    {
        _isReset = true;
        // Before who writes learns of it, and may end the stream with another code.
        if (CanWrite) _handle.Shutdown(StreamShutdownFlags.AbortSend, (ulong)code);
        _writer.Stop();
    }

    /// <summary>STOP_SENDING: nothing more is read.</summary>
    public void StopSending(long code)
    {
        if (CanRead) _handle.Shutdown(StreamShutdownFlags.AbortReceive, (ulong)code);
        _reader.Fail(QuicException.Aborted("Reading was given up."));
    }

    /// <summary>Gives up both directions.</summary>
    public void Abort(long code)
    {
        Reset(code);
        StopSending(code);
    }

    /// <summary>
    /// Frees it. A direction to the peer that was not completed is reset, and no more is read; what was sent before an
    /// end in order has time to arrive, while in any 30 seconds some of it does.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        var code = (ulong)_connection.DefaultStreamErrorCode;
        // One that was reset has nothing that should arrive.
        var isEndedInOrder = CanWrite && _writer.IsCompletedInOrder && !_isReset;
        _reader.Complete();
        _writer.Stop();
        if (_isStarted && !_closed.Task.IsCompleted)
        {
            if (CanRead) _handle.Shutdown(StreamShutdownFlags.AbortReceive, code);
            if (isEndedInOrder && _accepted.Task.IsCompleted) await LingerAsync().ConfigureAwait(false);
            // What remains to be said is said, but a peer that does not answer keeps nothing here.
            if (!_closed.Task.IsCompleted) _handle.Shutdown(StreamShutdownFlags.Abort | StreamShutdownFlags.Immediate, code);
            await _closed.Task.ConfigureAwait(false);
        }

        _handle.Dispose();
    }

    internal static QuicStream Open(QuicConnection connection, bool bidirectional)
    {
        var stream = new QuicStream(connection, canRead: bidirectional, canWrite: true);
        stream._handle = StreamHandle.Open(connection.Handle, bidirectional, stream);
        return stream;
    }

    /// <summary>Inside the callback that announces it.</summary>
    internal static QuicStream Accept(QuicConnection connection, nint native, bool bidirectional)
    {
        var stream = new QuicStream(connection, canRead: true, canWrite: bidirectional) { _isStarted = true };
        stream._handle = StreamHandle.Accept(connection.Handle, native, stream);
        stream.Id = Parameters.StreamId(native);
        stream._accepted.TrySetResult();
        return stream;
    }

    /// <summary>False when the peer allows no more streams, and it is disposed then, as it is when this fails.</summary>
    internal async ValueTask<bool> StartAsync(StreamStartFlags flags, CancellationToken cancellationToken)
    {
        try
        {
            _handle.Start(flags);
            // With that flag alone does a start that fails have an end of its own.
            _isStarted = (flags & StreamStartFlags.ShutdownOnFail) != StreamStartFlags.None;
            var status = await _started.Task.ConfigureAwait(false);
            if (status == Status.StreamLimitReached && (flags & StreamStartFlags.FailBlocked) != StreamStartFlags.None)
            {
                await DisposeAsync().ConfigureAwait(false);
                return false;
            }

            Status.ThrowIfFailed(status, "The stream does not start");
            _isStarted = true;
            if ((flags & StreamStartFlags.IndicatePeerAccept) != StreamStartFlags.None)
            {
                await Task.WhenAny(_accepted.Task, _closed.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
                if (!_accepted.Task.IsCompleted) throw QuicException.Aborted("The stream was closed before the peer allowed it.");
            }

            return true;
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>While what was sent arrives.</summary>
    private async ValueTask LingerAsync()
    {
        while (true)
        {
            var underWay = _writer.UnderWay;
            try
            {
                await _sendEnded.Task.WaitAsync(_linger).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException)
            {
                if (_writer.UnderWay == underWay) return;
            }
        }
    }

    private void GiveUp()
    {
        if (Interlocked.Exchange(ref _givenUp, null) is { } action) ThreadPool.UnsafeQueueUserWorkItem(static action => action(), action, preferLocal: false);
    }

    internal void ResetByDefault() => Reset(_connection.DefaultStreamErrorCode);

    internal Exception Map(QuicException error) => ErrorMapping?.Invoke(error) ?? error;

    void IStreamEvents.OnStarted(uint status, long id, bool isAccepted)
    {
        if (!Status.Failed(status)) Id = id;
        if (isAccepted) _accepted.TrySetResult();
        _started.TrySetResult(status);
    }

    void IStreamEvents.OnAccepted() => _accepted.TrySetResult();

    bool IStreamEvents.OnReceived(ReadOnlySpan<NativeBuffer> buffers, long length, bool isEnd) => _reader.Receive(buffers, length, isEnd);

    void IStreamEvents.OnSent(nint context, bool wasCanceled) => _writer.Sent(context);

    void IStreamEvents.OnPeerFinished() => _reader.Finish();

    void IStreamEvents.OnPeerReset(long code)
    {
        PeerErrorCode ??= code;
        _reader.Fail(QuicException.StreamAborted(code));
        GiveUp();
    }

    void IStreamEvents.OnPeerStopped(long code)
    {
        PeerErrorCode ??= code;
        _writer.Stop();
        GiveUp();
    }

    void IStreamEvents.OnSendShutdown()
    {
        _writer.Stop();
        _sendEnded.TrySetResult();
    }

    void IStreamEvents.OnShutdownComplete(bool withConnection)
    {
        if (withConnection && _connection.Closed is { IsCompletedSuccessfully: true } closed)
        {
            PeerErrorCode ??= closed.Result.ApplicationErrorCode;
            _reader.Fail(closed.Result);
        }
        else
        {
            _reader.Fail(QuicException.Aborted("The stream was closed."));
        }

        _writer.Stop();
        // A start that is still waiting has failed.
        _started.TrySetResult(Status.InvalidState);
        _sendEnded.TrySetResult();
        _closed.TrySetResult();
        GiveUp();
    }

    void IStreamEvents.OnIdealSendBuffer(long bytes) => _writer.SetIdeal(bytes);
}
