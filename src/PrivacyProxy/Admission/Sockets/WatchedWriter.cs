using System.IO.Pipelines;
using Tunneling.Admission;

namespace PrivacyProxy.Admission.Sockets;

/// <summary>What is sent on a connection; tells how long the peer has not been reading. See <see cref="WatchedTransport"/>.</summary>
internal sealed class WatchedWriter(PipeWriter inner, AdmittedConnection connection, WatchedReader input) : PipeWriter
{
    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Watch(inner.FlushAsync(cancellationToken));

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) => Watch(inner.WriteAsync(source, cancellationToken));

    private ValueTask<FlushResult> Watch(ValueTask<FlushResult> flush) => flush.IsCompleted ? flush : WaitAsync(flush);

    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush)
    {
        connection.WriteWaits();
        input.Pause();
        try
        {
            return await flush;
        }
        finally
        {
            connection.WriteDone();
            input.Resume();
        }
    }
}
