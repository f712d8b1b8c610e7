using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using MsQuic.Native;

namespace MsQuic.Streams;

/// <summary>
/// Sends from blocks that stay until their bytes were acknowledged. A flush hands them over and is done at once while less is under way than
/// the path is good for (libmsquic says how much that is), which it waits for otherwise. Without anything under way it holds no block.
/// </summary>
internal sealed class QuicPipeWriter(QuicStream stream, int sendLimit) : PipeWriter, IValueTaskSource<FlushResult>
{
    /// <summary>What is under way at least before a flush waits: libmsquic's own measure begins with an eighth, which makes many small sends of few large ones.</summary>
    private const int MinLimit = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly List<Piece> _full = [];
    private ManualResetValueTaskSourceCore<FlushResult> _waiter;

    private SendBlock? _block;
    private int _written, _sentUpTo;
    private long _unflushed;
    private bool _isFilling, _isHandedOut;

    private readonly SendsUnderWay _underWay = new();
    private int _limit = Math.Min(MinLimit, sendLimit);

    private CancellationToken _waitToken;
    private CancellationTokenRegistration _registration;
    private bool _isWaiting, _isCanceled, _isStopped, _isCompleted;

    /// <summary>Whether the end was said, rather than a reset or nothing.</summary>
    public bool IsCompletedInOrder { get; private set; }

    /// <summary>Bytes sent and not acknowledged.</summary>
    public long UnderWay => _underWay.Bytes;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        lock (_lock)
        {
            if (_isCompleted) throw new InvalidOperationException("Writing is completed.");
            (_isFilling, _isHandedOut) = (true, true);
            if (_block is { } block && block.Capacity - _written >= Math.Max(sizeHint, 1)) return block.Memory(_written);
            // Who goes beyond a small one writes much.
            var isMuch = _block is not null || sizeHint > SendBlock.SmallCapacity;
            LeaveBlock();
            _block = SendBlock.Rent(isMuch ? Math.Max(sizeHint, SendBlock.LargeCapacity) : SendBlock.SmallCapacity);
            return _block.Memory(0);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        lock (_lock)
        {
            _isHandedOut = false;
            if (bytes == 0) return;
            if (_block is null || bytes > _block.Capacity - _written) throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "More than there was memory.");
            _written += bytes;
            _unflushed += bytes;
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_isCompleted) throw new InvalidOperationException("Writing is completed.");
            if (_isWaiting) throw new InvalidOperationException("Another flush is under way.");
            Send();
            if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
            if (_isStopped || _isCanceled || _underWay.Bytes <= _limit) return ValueTask.FromResult(Result());
            _waiter.Reset();
            _isWaiting = true;
            _waitToken = cancellationToken;
            if (cancellationToken.CanBeCanceled)
                _registration = cancellationToken.UnsafeRegister(static (writer, token) => ((QuicPipeWriter)writer!).CancelWait(token), this);
            return new ValueTask<FlushResult>(this, _waiter.Version);
        }
    }

    /// <summary>Nothing is written for now: a block that nothing was written to is given back, at once or when what was sent from it has arrived.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (_unflushed > 0) return;
            (_isFilling, _isHandedOut) = (false, false);
            if (_underWay.Bytes == 0) LeaveBlock();
        }
    }

    public override void CancelPendingFlush()
    {
        FlushResult? result;
        lock (_lock)
        {
            _isCanceled = true;
            result = TakeWaiting();
        }

        Wake(result);
    }

    public override void Complete(Exception? exception = null)
    {
        bool isReset;
        lock (_lock)
        {
            if (_isCompleted) return;
            _isCompleted = true;
            // Somebody may be writing into it still: no other stream is to have it, so it is left to the garbage collector.
            if (_isHandedOut && _block is not null) _block.Keep();
            if (exception is not null) DropUnsent();
            Send();
            LeaveBlock();
            DropUnsent();
            isReset = exception is not null;
            IsCompletedInOrder = !isReset && !_isStopped;
        }

        // Nothing is left to be said when the peer wants no more.
        if (isReset) stream.ResetByDefault();
        else stream.Handle.Shutdown(StreamShutdownFlags.Graceful, 0);
    }

    /// <summary>Nothing more can be sent; blocks that libmsquic has come back as it says so.</summary>
    public void Stop()
    {
        FlushResult? result;
        lock (_lock)
        {
            _isStopped = true;
            result = TakeWaiting();
        }

        Wake(result);
    }

    public void SetIdeal(long bytes)
    {
        FlushResult? result;
        lock (_lock)
        {
            _limit = (int)Math.Min(Math.Max(bytes, MinLimit), sendLimit);
            result = TakeWaiting();
        }

        Wake(result);
    }

    /// <summary>A send was acknowledged, or will never be.</summary>
    public void Sent(nint context)
    {
        SendBlock block, idle = null!;
        FlushResult? result;
        lock (_lock)
        {
            block = _underWay.Remove(context);
            if (_underWay.Bytes == 0 && !_isFilling && _unflushed == 0 && _block is not null)
            {
                idle = _block;
                (_block, _written, _sentUpTo) = (null, 0, 0);
            }

            result = TakeWaiting();
        }

        block.Release();
        idle?.Release();
        Wake(result);
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        lock (_lock)
        {
            _registration.Unregister();
            _registration = default;
            return _waiter.GetResult(token);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);

    private FlushResult Result()
    {
        var result = new FlushResult(_isCanceled, _isStopped);
        _isCanceled = false;
        return result;
    }

    /// <summary>What to tell who waits, if anything, which is done without the lock. Not before a fourth of the limit is free, so that the next flush does not wait again at once.</summary>
    private FlushResult? TakeWaiting()
    {
        if (!_isWaiting || !(_isStopped || _isCanceled || _underWay.Bytes <= _limit - (_limit / 4))) return null;
        _isWaiting = false;
        return Result();
    }

    private void Wake(FlushResult? result)
    {
        if (result is not { } told) return;
        // Room alone: what follows an end may be anything.
        _waiter.RunContinuationsAsynchronously = !stream.ContinuesInline || told.IsCompleted || told.IsCanceled;
        _waiter.SetResult(told);
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

    private void Send()
    {
        _isFilling = false;
        var hasMore = _block is not null && _written > _sentUpTo;
        for (var i = 0; i < _full.Count; i++)
        {
            Send(_full[i], isMoreComing: hasMore || i < _full.Count - 1);
            _full[i].Block.Release();
        }

        _full.Clear();
        if (hasMore)
        {
            Send(new Piece(_block!, _sentUpTo, _written - _sentUpTo), isMoreComing: false);
            _sentUpTo = _written;
        }

        _unflushed = 0;
        // The next memory comes from another block when this one has hardly any left, or was sent from too often.
        if (_block is not null && (!_block.HasRoomForSend || _block.Capacity - _written < _block.Capacity / 8)) LeaveBlock();
    }

    private void Send(Piece piece, bool isMoreComing)
    {
        if (_isStopped) return;
        var number = _underWay.Add(piece.Block, piece.Length);
        var descriptor = piece.Block.Describe(piece.Offset, piece.Length);
        if (stream.Handle.TrySend(piece.Block, descriptor, number, isMoreComing)) return;
        // Nothing was taken.
        _underWay.Remove(number).Release();
        _isStopped = true;
    }

    /// <summary>What was written into the block and not sent is sent with the next flush.</summary>
    private void LeaveBlock()
    {
        if (_block is null) return;
        if (_written > _sentUpTo) _full.Add(new Piece(_block, _sentUpTo, _written - _sentUpTo));
        else _block.Release();
        (_block, _written, _sentUpTo) = (null, 0, 0);
    }

    private void DropUnsent()
    {
        LeaveBlock();
        foreach (var piece in _full) piece.Block.Release();
        _full.Clear();
        _unflushed = 0;
    }

    private readonly record struct Piece(SendBlock Block, int Offset, int Length);
}
