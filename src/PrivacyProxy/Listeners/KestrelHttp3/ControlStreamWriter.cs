using System.Buffers;
using System.IO.Pipelines;
using PrivacyProxy.Listeners.Templated;

namespace PrivacyProxy.Listeners.KestrelHttp3;

/// <summary>The output of the server's control stream: holds its start back until <see cref="ControlStreamStart"/> has seen enough, then only passes on.</summary>
internal sealed class ControlStreamWriter(PipeWriter output, bool hasDatagrams) : PipeWriter
{
    private ArrayBufferWriter<byte>? _start = new();

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes + (_start?.WrittenCount ?? 0);

    private IBufferWriter<byte> Target => (IBufferWriter<byte>?)_start ?? output;

    public override Memory<byte> GetMemory(int sizeHint = 0) => Target.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => Target.GetSpan(sizeHint);

    public override void Advance(int bytes) => Target.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_start is { } start)
        {
            if (!ControlStreamStart.TryRewrite(start.WrittenSpan, hasDatagrams, output)) return ValueTask.FromResult(default(FlushResult));
            _start = null;
        }

        return output.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        if (_start is { } start && exception is null) output.Write(start.WrittenSpan);
        _start = null;
        output.Complete(exception);
    }
}
