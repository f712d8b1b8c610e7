using System.Buffers;
using MsQuic.Native;

namespace MsQuic.Streams;

/// <summary>
/// Received bytes that nobody has consumed, in a chain: those of libmsquic's last run where they lie, behind what was carried over from before
/// in an array. For one at a time.
/// </summary>
internal sealed class ReceivedBytes
{
    private readonly List<ReceivedSegment> _spare = [];

    // Perhaps a segment over _carried, then those of libmsquic's memory.
    private ReceivedSegment? _first, _last;
    private int _firstIndex;
    private byte[]? _carried;
    private ReceivedSegment? _carriedSegment;
    private long _run;

    public long Length { get; private set; }

    /// <summary>Whether libmsquic waits for its run.</summary>
    public bool HasRun => _run > 0;

    public ReadOnlySequence<byte> Sequence => Length == 0 ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_first!, _firstIndex, _last!, _last!.Length);

    /// <summary>Adds a run.</summary>
    public void Add(ReadOnlySpan<NativeBuffer> buffers, long length)
    {
        _run = length;
        foreach (var buffer in buffers)
        {
            if (buffer.Length == 0) continue;
            var segment = Segment();
            segment.Show(buffer, _last is null ? 0 : _last.RunningIndex + _last.Length);
            _last?.Append(segment);
            _first ??= segment;
            _last = segment;
            Length += segment.Length;
        }
    }

    public long Offset(SequencePosition position) =>
        position.GetObject() is ReceivedSegment segment ? segment.RunningIndex + position.GetInteger() - _first!.RunningIndex - _firstIndex : 0;

    /// <summary>Forgets so many bytes; returns how many are to be given back, all of the run or none.</summary>
    public long Consume(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        Length -= count;
        if (Length == 0)
        {
            for (var segment = _first; segment is not null;) segment = Drop(segment);
            (_first, _last, _firstIndex) = (null, null, 0);
            return TakeRun();
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

    /// <summary>Copies what is left into an array, behind what is there already, so that the run can be given back; returns its length.</summary>
    public long Carry()
    {
        // A segment over the array is always the first.
        var filled = _carriedSegment?.Length ?? 0;
        var kept = _carriedSegment is null ? 0 : filled - _firstIndex;
        var left = Sequence;
        var array = _carried;
        var start = _firstIndex;
        if (array is null || array.Length - filled < Length - kept)
        {
            array = ArrayPool<byte>.Shared.Rent((int)Math.Max(2 * Length, 256));
            left.CopyTo(array);
            start = 0;
        }
        else
        {
            left.Slice(kept).CopyTo(array.AsSpan(filled));
        }

        if (array == _carried) _carried = null;
        var length = (int)Length;
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
        return TakeRun();
    }

    private ReceivedSegment Segment()
    {
        if (_spare.Count == 0) return new ReceivedSegment();
        var segment = _spare[^1];
        _spare.RemoveAt(_spare.Count - 1);
        return segment;
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

    private long TakeRun()
    {
        var length = _run;
        _run = 0;
        return length;
    }
}
