using System.IO.Pipelines;

namespace PrivacyProxy.Admission.Http2;

/// <summary>Shows the frames sent to <see cref="StrangerStreams"/>.</summary>
internal sealed class FrameWriter(PipeWriter inner, StrangerStreams streams) : PipeWriter
{
    private FrameScanner _scanner = new(0);
    private Memory<byte> _memory;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (streams.Watches)
        {
            ReadOnlySpan<byte> written = _memory.Span[..bytes];
            while (_scanner.TryReadHeader(ref written, out var header)) streams.Sent(header);
        }

        _memory = _memory[bytes..];
        inner.Advance(bytes);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);
}
