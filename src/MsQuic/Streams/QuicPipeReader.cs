using System.Buffers;
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
    private readonly List<ReceivedSegment> _spare = [];
    private ManualResetValueTaskSourceCore<ReadResult> _waiter = new() { RunContinuationsAsynchronously = true };

    // The chain of what is unconsumed: perhaps a segment over _carried, then those of libmsquic's memory.
    private ReceivedSegment? _first, _last;
    private int _firstIndex;
    private long _available;
    private byte[]? _carried;
    private ReceivedSegment? _carriedSegment;
    private long _nativeLength;

    private QuicException? _error;
    private CancellationToken _waitToken;
    private CancellationTokenRegistration _registration;
    private bool _isEnd, _isExamined, _isWaiting, _isHandedOut, _isCanceled, _isCompleted;

    /// <summary>True keeps the bytes; false when nobody reads any more.</summary>
    public bool Receive(ReadOnlySpan<NativeBuffer> buffers, long length, bool isEnd)
    {
        lock (_lock)
        {
            var isKept = length > 0 && !_isCompleted && _error is null;
            if (isKept)
            {
                // The memory is the handle's: it stays open until the bytes were given back.
                var held = false;
                stream.Handle.DangerousAddRef(ref held);
                _nativeLength = length;
                foreach (var buffer in buffers)
                {
                    if (buffer.Length == 0) continue;
                    Append(buffer);
                }

                _isExamined = false;
            }

            // One that gave up reading is not told of an end.
            if (isEnd && _error is null) _isEnd = true;
            Wake();
            return isKept;
        }
    }

    public void Finish()
    {
        lock (_lock)
        {
            if (_error is null) _isEnd = true;
            Wake();
        }
    }

    public void Fail(QuicException error)
    {
        lock (_lock)
        {
            if (_isEnd || _error is not null) return;
            _error = error;
            Wake();
        }
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
            if (_isCompleted || _available == 0) return;
            var isExamined = Offset(examined) == _available;
            givenBack = Consume(Offset(consumed));
            if (_available > 0 && isExamined)
            {
                _isExamined = true;
                if (_nativeLength > 0) givenBack += Carry();
            }
        }

        GiveBack(givenBack);
    }

    public override void CancelPendingRead()
    {
        lock (_lock)
        {
            _isCanceled = true;
            Wake();
        }
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
            givenBack = Consume(_available);
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
            _waiter.SetException(new OperationCanceledException(token));
        }
    }

    private void Wake()
    {
        if (!_isWaiting) return;
        if (TryHandOut(out var result))
        {
            _isWaiting = false;
            _waiter.SetResult(result);
        }
        else if (_error is not null)
        {
            _isWaiting = false;
            _waiter.SetException(stream.Map(_error));
        }
    }

    private bool TryHandOut(out ReadResult result)
    {
        result = default;
        if (!_isCanceled && !_isEnd && (_error is not null || _available == 0 || _isExamined)) return false;
        var buffer = _available == 0 ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_first!, _firstIndex, _last!, _last!.Length);
        result = new ReadResult(buffer, _isCanceled, _isEnd);
        _isCanceled = false;
        _isHandedOut = true;
        return true;
    }

    private void Append(NativeBuffer buffer)
    {
        var segment = Segment();
        segment.Show(buffer, _last is null ? 0 : _last.RunningIndex + _last.Length);
        _last?.Append(segment);
        _first ??= segment;
        _last = segment;
        _available += segment.Length;
    }

    private ReceivedSegment Segment()
    {
        if (_spare.Count == 0) return new ReceivedSegment();
        var segment = _spare[^1];
        _spare.RemoveAt(_spare.Count - 1);
        return segment;
    }

    private long Offset(SequencePosition position) =>
        position.GetObject() is ReceivedSegment segment ? segment.RunningIndex + position.GetInteger() - _first!.RunningIndex - _firstIndex : 0;

    /// <summary>Forgets so many bytes; returns how many are to be given back, all of the run or none.</summary>
    private long Consume(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _available);
        _available -= count;
        if (_available == 0)
        {
            for (var segment = _first; segment is not null;) segment = Drop(segment);
            (_first, _last, _firstIndex) = (null, null, 0);
            return TakeNative();
        }

        count += _firstIndex;
        while (count >= _first!.Length)
        {
            count -= _first.Length;
            _first = Drop(_first);
        }

        _firstIndex = (int)count;
        return 0;
    }

    private ReceivedSegment? Drop(ReceivedSegment segment)
    {
        var next = segment.Following;
        if (segment == _carriedSegment)
        {
            ArrayPool<byte>.Shared.Return(_carried!);
            (_carried, _carriedSegment) = (null, null);
        }

        segment.Clear();
        if (_spare.Count < 4) _spare.Add(segment);
        return next;
    }

    /// <summary>Copies what is left into an array, behind what is there already, so that the run can be given back.</summary>
    private long Carry()
    {
        if (_available > MaxCarried)
        {
            _error ??= QuicException.Aborted($"More than {MaxCarried} bytes were left unread.");
            return 0;
        }

        // A segment over the array is always the first.
        var filled = _carriedSegment?.Length ?? 0;
        var kept = _carriedSegment is null ? 0 : filled - _firstIndex;
        var left = new ReadOnlySequence<byte>(_first!, _firstIndex, _last!, _last!.Length);
        var array = _carried;
        var start = _firstIndex;
        if (array is null || array.Length - filled < _available - kept)
        {
            array = ArrayPool<byte>.Shared.Rent((int)Math.Max(2 * _available, 256));
            left.CopyTo(array);
            start = 0;
        }
        else
        {
            left.Slice(kept).CopyTo(array.AsSpan(filled));
        }

        if (array == _carried) _carried = null;
        var length = (int)_available;
        for (var segment = _first; segment is not null;)
        {
            // Its array goes on, or was copied.
            if (segment == _carriedSegment && _carried is null) _carriedSegment = null;
            segment = Drop(segment);
        }

        _carried = array;
        _carriedSegment = _first = _last = Segment();
        _carriedSegment.Show(array.AsMemory(0, start + length), 0);
        _firstIndex = start;
        return TakeNative();
    }

    private long TakeNative()
    {
        var length = _nativeLength;
        _nativeLength = 0;
        return length;
    }
}
