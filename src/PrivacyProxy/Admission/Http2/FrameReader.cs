using System.Buffers;
using System.IO.Pipelines;

namespace PrivacyProxy.Admission.Http2;

/// <summary>
/// Shows the client's frames to <see cref="StrangerStreams"/> before Kestrel gets them, which may answer them before it says that it has
/// read them; and gives it only so many at a time that waiting for their answers means something.
/// </summary>
internal sealed class FrameReader(PipeReader inner, StrangerStreams streams, ReadGate gate) : PipeReader
{
    // The preface: PRI * HTTP/2.0, and its SM (RFC 9113, section 3.4).
    private const int PrefaceLength = 24;

    /// <summary>Bytes more given at a time while it is watched: some twenty requests of the shortest, each of which may hold a whole table of fields.</summary>
    private const int MaxRead = 512;

    private FrameScanner _scanner = new(PrefaceLength);
    private ReadOnlySequence<byte> _given;
    private long _scannedAhead;

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        if (!gate.IsOpen || !inner.TryRead(out result)) return false;
        if (streams.Watches) result = Show(result);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        streams.Watches ? ReadWatchedAsync(cancellationToken) : inner.ReadAsync(cancellationToken);

    public override void AdvanceTo(SequencePosition consumed)
    {
        Remember(consumed);
        inner.AdvanceTo(consumed);
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Remember(consumed);
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        inner.CancelPendingRead();
        gate.Open();
    }

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private async ValueTask<ReadResult> ReadWatchedAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        return Show(await inner.ReadAsync(cancellationToken));
    }

    private ReadResult Show(ReadResult result)
    {
        var whole = result.Buffer;
        // Always more than Kestrel has left: a frame may be longer.
        var most = _scannedAhead + MaxRead;
        _given = whole.Length > most ? whole.Slice(0, most) : whole;
        foreach (var segment in _given.Slice(_scannedAhead))
        {
            var bytes = segment.Span;
            while (_scanner.TryReadHeader(ref bytes, out var header)) streams.Received(header);
        }

        return new ReadResult(_given, result.IsCanceled, result.IsCompleted && _given.Length == whole.Length);
    }

    private void Remember(SequencePosition consumed)
    {
        if (!streams.Watches) return;
        _scannedAhead = _given.Slice(consumed).Length;
        _given = default;
    }
}
