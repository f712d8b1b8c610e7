using System.IO.Pipelines;

namespace PrivacyProxy.Listeners.Http1;

/// <summary>
/// A client's bytes, of which the first read is begun before anybody wants it: it tells whether the client is still there
/// while its tunnel is being opened. Whoever reads first gets that read, so nothing the client sends early is lost.
/// </summary>
internal sealed class WatchedInput(PipeReader input) : PipeReader
{
    private Task<ReadResult>? _first;

    /// <summary>
    /// Begins the first read. <paramref name="left"/> is cancelled when the connection breaks, or ends before a byte of the tunnel:
    /// such a client has nothing to say to an origin. One that ends after its early data has only half-closed, and is served.
    /// </summary>
    public void Watch(CancellationTokenSource left) => _first = ReadFirstAsync(left);

    public override bool TryRead(out ReadResult result)
    {
        if (_first is not { } first) return input.TryRead(out result);
        result = default;
        if (!first.IsCompleted) return false;
        _first = null;
        result = first.GetAwaiter().GetResult();
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_first is not { } first) return input.ReadAsync(cancellationToken);
        _first = null;
        return new ValueTask<ReadResult>(first);
    }

    public override void AdvanceTo(SequencePosition consumed) => input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    private async Task<ReadResult> ReadFirstAsync(CancellationTokenSource left)
    {
        try
        {
            var result = await input.ReadAsync();
            // Asked before anybody else can see, and give back, the bytes.
            if (result.IsCompleted && result.Buffer.IsEmpty) await left.CancelAsync();
            return result;
        }
        catch (Exception)
        {
            // Whatever a broken connection throws; the reader of the tunnel gets it too, if there will be one.
            await left.CancelAsync();
            throw;
        }
    }
}
