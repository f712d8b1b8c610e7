using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using MsQuic.Native;

namespace MsQuic.Streams;

/// <summary>
/// The bytes of a stream where libmsquic has put them. It hands out one run of them at a time and the next when that was given back, which
/// happens as soon as all of it was consumed. Who wants more before consuming what there is (the start of a frame) has the rest of it copied.
/// </summary>
internal sealed class QuicPipeReader(QuicStream stream) : PipeReader, IValueTaskSource<ReadResult>
{
    /// <summary>What a reader may leave unconsumed and still ask for more: as with a pipe, it would wait for ever otherwise.</summary>
    internal const int MaxCarried = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly ReceivedBytes _bytes = new();
    private ManualResetValueTaskSourceCore<ReadResult> _waiter;

    private QuicException? _error;
    private CancellationToken _waitToken;
    private CancellationTokenRegistration _registration;
    private bool _isEnd, _isExamined, _isWaiting, _isHandedOut, _isCanceled, _isCompleted;

    /// <summary>True keeps the bytes; false when nobody reads any more.</summary>
    public bool Receive(ReadOnlySpan<NativeBuffer> buffers, long length, bool isEnd)
    {
        bool isKept;
        Wakeup wakeup;
        lock (_lock)
        {
            isKept = length > 0 && !_isCompleted && _error is null;
            if (isKept)
            {
                // The memory is the handle's: it stays open until the bytes were given back.
                var held = false;
                stream.Handle.DangerousAddRef(ref held);
                _bytes.Add(buffers, length);
                _isExamined = false;
            }

            // One that gave up reading is not told of an end.
            if (isEnd && _error is null) _isEnd = true;
            wakeup = TakeWaiting();
        }

        Wake(wakeup);
        return isKept;
    }

    public void Finish()
    {
        Wakeup wakeup;
        lock (_lock)
        {
            if (_error is null) _isEnd = true;
            wakeup = TakeWaiting();
        }

        Wake(wakeup);
    }

    public void Fail(QuicException error)
    {
        Wakeup wakeup;
        lock (_lock)
        {
            if (_isEnd || _error is not null) return;
            _error = error;
            wakeup = TakeWaiting();
        }

        Wake(wakeup);
    }

    public override bool TryRead(out ReadResult result)
    {
        lock (_lock)
        {
            ThrowIfNotReadable();
            if (TryHandOut(out result)) return true;
            if (_error is not null) throw stream.Map(_error);
            return false;
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        lock (_lock)
        {
            ThrowIfNotReadable();
            if (TryHandOut(out var result)) return ValueTask.FromResult(result);
            if (_error is not null) return ValueTask.FromException<ReadResult>(stream.Map(_error));
            _waiter.Reset();
            _isWaiting = true;
            _waitToken = cancellationToken;
            if (cancellationToken.CanBeCanceled)
                _registration = cancellationToken.UnsafeRegister(static (reader, token) => ((QuicPipeReader)reader!).CancelWait(token), this);
            return new ValueTask<ReadResult>(this, _waiter.Version);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        long givenBack;
        lock (_lock)
        {
            if (!_isHandedOut) throw new InvalidOperationException("Nothing was read.");
            _isHandedOut = false;
            if (_isCompleted || _bytes.Length == 0) return;
            var isExamined = _bytes.Offset(examined) == _bytes.Length;
            givenBack = _bytes.Consume(_bytes.Offset(consumed));
            if (_bytes.Length > 0 && isExamined)
            {
                _isExamined = true;
                if (_bytes.HasRun) givenBack += Carry();
            }
        }

        GiveBack(givenBack);
    }

    public override void CancelPendingRead()
    {
        Wakeup wakeup;
        lock (_lock)
        {
            _isCanceled = true;
            wakeup = TakeWaiting();
        }

        Wake(wakeup);
    }

    /// <summary>Nothing more is read. What is unread stays where it is until the stream is disposed; the peer is told by who aborts or disposes the stream.</summary>
    public override void Complete(Exception? exception = null)
    {
        long givenBack;
        lock (_lock)
        {
            if (_isCompleted) return;
            _isCompleted = true;
            _isHandedOut = false;
            givenBack = _bytes.Consume(_bytes.Length);
        }

        GiveBack(givenBack);
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        lock (_lock)
        {
            _registration.Unregister();
            _registration = default;
            return _waiter.GetResult(token);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);

    private void GiveBack(long length)
    {
        if (length == 0) return;
        stream.Handle.CompleteReceive((ulong)length);
        stream.Handle.DangerousRelease();
    }

    private void ThrowIfNotReadable()
    {
        if (_isCompleted) throw new InvalidOperationException("Reading is completed.");
        if (_isHandedOut || _isWaiting) throw new InvalidOperationException("What was read before was not advanced over.");
    }

    private void CancelWait(CancellationToken token)
    {
        lock (_lock)
        {
            if (!_isWaiting || _waitToken != token) return;
            _isWaiting = false;
        }

        _waiter.RunContinuationsAsynchronously = true;
        _waiter.SetException(new OperationCanceledException(token));
    }

    /// <summary>What to tell who waits, if there is anything, which is done without the lock: it may go on at once.</summary>
    private Wakeup TakeWaiting()
    {
        if (!_isWaiting) return default;
        if (TryHandOut(out var result))
        {
            _isWaiting = false;
            return new Wakeup(true, result, null);
        }

        if (_error is null) return default;
        _isWaiting = false;
        return new Wakeup(true, default, stream.Map(_error));
    }

    private void Wake(in Wakeup wakeup)
    {
        if (!wakeup.IsDue) return;
        // Bytes alone: what follows an end or an error may be anything.
        _waiter.RunContinuationsAsynchronously = !stream.ContinuesInline || wakeup.Error is not null || wakeup.Result.IsCompleted || wakeup.Result.IsCanceled;
        if (wakeup.Error is null) _waiter.SetResult(wakeup.Result);
        else _waiter.SetException(wakeup.Error);
    }

    private bool TryHandOut(out ReadResult result)
    {
        result = default;
        if (!_isCanceled && !_isEnd && (_error is not null || _bytes.Length == 0 || _isExamined)) return false;
        result = new ReadResult(_bytes.Sequence, _isCanceled, _isEnd);
        _isCanceled = false;
        _isHandedOut = true;
        return true;
    }

    private long Carry()
    {
        if (_bytes.Length <= MaxCarried) return _bytes.Carry();
        _error ??= QuicException.Aborted($"More than {MaxCarried} bytes were left unread.");
        return 0;
    }

    private readonly record struct Wakeup(bool IsDue, ReadResult Result, Exception? Error);
}
