using System.IO.Pipelines;

namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>
/// The output of a request stream, with large segments for those who write much at once. Kestrel hands QUIC one segment of this pipe at a time
/// and asks the pipe for any, which is 4 KiB. A small answer still takes one of these; what goes beyond gets a large one.
/// </summary>
internal sealed class LargeSegmentWriter(PipeWriter output) : PipeWriter
{
    /// <summary>What a tunnel writes at once, most of it in one piece.</summary>
    public const int SegmentSize = 64 * 1024;

    private bool _hasSegment;
    private int _room;

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        var memory = output.GetMemory(SizeFor(sizeHint));
        (_hasSegment, _room) = (true, memory.Length);
        return memory;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        output.Advance(bytes);
        _room -= bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _hasSegment = false;
        return output.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => output.Complete(exception);

    private int SizeFor(int sizeHint) => _hasSegment && _room < Math.Max(sizeHint, 1) ? Math.Max(sizeHint, SegmentSize) : sizeHint;
}
