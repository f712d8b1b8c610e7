using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Tunneling.SslStreams;

namespace PrivacyProxy.Certificates;

/// <summary>What Kestrel's TLS reads, ciphertext: while it waits for more it is not at the session.</summary>
internal sealed class CiphertextInput(PipeReader input, SessionTurns turns) : PipeReader
{
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = input.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully || !turns.Yield() ? reading : WaitAsync(reading);
    }

    public override bool TryRead(out ReadResult result) => input.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading)
    {
        try
        {
            return await reading;
        }
        finally
        {
            await turns.ResumeAsync();
        }
    }
}

/// <summary>What comes out of Kestrel's TLS: a read has its turn at the session.</summary>
internal sealed class PlaintextInput(PipeReader input, SessionTurns turns) : PipeReader
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        await turns.BeginReadAsync(cancellationToken);
        try
        {
            return await input.ReadAsync(cancellationToken);
        }
        finally
        {
            turns.EndRead();
        }
    }

    public override bool TryRead(out ReadResult result) => input.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);
}
