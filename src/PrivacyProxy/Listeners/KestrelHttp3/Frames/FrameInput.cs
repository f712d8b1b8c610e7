using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace PrivacyProxy.Listeners.KestrelHttp3.Frames;

/// <summary>
/// What a tunnel's client sends: the payload of the DATA frames of its stream, where it lies, those of all frames that have come at once.
/// Others are skipped, unless they break the rules: then the connection ends. Many small frames are handed out a few hundred at a time: each
/// costs an object, whoever sends them.
/// </summary>
/// <param name="input">The stream behind the head of its request.</param>
/// <param name="breakConnection">Ends the connection with a code.</param>
internal sealed class FrameInput(PipeReader input, Action<long> breakConnection) : PipeReader
{
    private const long FrameUnexpected = 0x105, FrameError = 0x106;

    /// <summary>Pieces that are handed out at once, unless the reader needs more of them to go on.</summary>
    internal const int MaxPieces = 256;

    private readonly List<FrameSegment> _segments = [];
    private int _count;
    private int _most = MaxPieces;

    // What was read, how far it was looked through, and where in a frame that is.
    private ReadOnlySequence<byte> _read;
    private SequencePosition _lookedTo;
    private bool _isPart;
    private Place _place, _placeAfter;

    /// <summary>The objects that are kept for pieces.</summary>
    internal int KeptPieces => _segments.Count;

    public override bool TryRead(out ReadResult result)
    {
        while (input.TryRead(out var read))
        {
            if (TryTake(read, out result)) return true;
        }

        result = default;
        return false;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = input.ReadAsync(cancellationToken);
        if (!reading.IsCompletedSuccessfully) return ReadMoreAsync(reading, cancellationToken);
        return TryTake(reading.Result, out var result) ? new ValueTask<ReadResult>(result) : ReadMoreAsync(input.ReadAsync(cancellationToken), cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var last = _count == 0 ? null : _segments[_count - 1];
        // Behind a part there is more to hand out at once.
        var end = _isPart ? _lookedTo : _read.End;
        if (consumed.GetObject() is FrameSegment segment && !IsEnd(consumed, last!))
        {
            var index = consumed.GetInteger();
            var position = _read.GetPosition(index, segment.Source);
            _place = new Place(segment.Left - (ulong)index, IsData: true);
            var isExamined = IsEnd(examined, last!);
            var isAnyConsumed = index > 0 || segment != _segments[0];
            if (isAnyConsumed) _most = MaxPieces;
            // What the reader looks for, such as the end of a capsule, lies further on.
            else if (isExamined && _isPart) _most *= 2;
            input.AdvanceTo(position, isExamined ? end : position);
        }
        else
        {
            _place = _placeAfter;
            _most = MaxPieces;
            input.AdvanceTo(_lookedTo, end);
        }

        _read = default;
        _count = 0;
        if (_most == MaxPieces && _segments.Count > MaxPieces) _segments.RemoveRange(MaxPieces, _segments.Count - MaxPieces);
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    /// <summary>Nothing: the stream is whose it was before.</summary>
    public override void Complete(Exception? exception = null)
    {
    }

    private static bool IsEnd(SequencePosition position, FrameSegment last) => position.GetObject() == last && position.GetInteger() == last.Length;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadMoreAsync(ValueTask<ReadResult> reading, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(await reading, out var result)) return result;
            reading = input.ReadAsync(cancellationToken);
        }
    }

    /// <summary>False when there is nothing to hand out yet; what was read is consumed then.</summary>
    /// <exception cref="InvalidDataException">The client broke the rules.</exception>
    private bool TryTake(in ReadResult read, out ReadResult result)
    {
        _read = read.Buffer;
        var (rest, place) = (_read, _place);
        FrameSegment? last = null;
        (_count, _isPart) = (0, false);
        while (true)
        {
            if (_count >= _most)
            {
                _isPart = true;
                break;
            }

            if (place.Left == 0)
            {
                if (!Frame.TryReadHeader(ref rest, out var type, out var length)) break;
                if (Frame.IsUnexpectedInTunnel(type)) throw Break(FrameUnexpected, "A frame that has no place in a tunnel.");
                place = new Place(length, type == Frame.Data);
                continue;
            }

            if (rest.IsEmpty) break;
            var part = rest.Slice(0, (long)Math.Min((ulong)rest.Length, place.Left));
            if (place.IsData) last = Add(part, place.Left, last);
            place = place with { Left = place.Left - (ulong)part.Length };
            rest = rest.Slice(part.End);
        }

        var isEnd = read.IsCompleted && !_isPart;
        if (isEnd && (place.Left > 0 || !rest.IsEmpty)) throw Break(FrameError, "The stream ended within a frame.");

        (_lookedTo, _placeAfter) = (rest.Start, place);
        if (_count == 0 && !isEnd && !read.IsCanceled)
        {
            AdvanceTo(default);
            result = default;
            return false;
        }

        result = new ReadResult(_count == 0 ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(_segments[0], 0, last!, last!.Length), read.IsCanceled, isEnd);
        return true;
    }

    private FrameSegment Add(ReadOnlySequence<byte> part, ulong left, FrameSegment? last)
    {
        var source = part.Start;
        for (var next = source; part.TryGet(ref next, out var bytes); source = next)
        {
            if (bytes.IsEmpty) continue;
            if (_count == _segments.Count) _segments.Add(new FrameSegment());
            var segment = _segments[_count++];
            segment.Show(bytes, source, left, last);
            left -= (ulong)bytes.Length;
            last = segment;
        }

        return last!;
    }

    private InvalidDataException Break(long code, string reason)
    {
        breakConnection(code);
        return new InvalidDataException(reason);
    }

    /// <summary>Where in a frame: what it has left.</summary>
    private readonly record struct Place(ulong Left, bool IsData);
}
