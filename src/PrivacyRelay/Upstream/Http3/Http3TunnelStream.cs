using Masque;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>The DATA frames of an accepted request.</summary>
/// <param name="stream">The request's stream.</param>
/// <param name="input">What of it was not read yet.</param>
/// <param name="isClassic">Whether the frames carry the destination's bytes as they are, each write at once; writes of capsules wait for a flush, so that what belongs together is one frame.</param>
/// <param name="ended">Called once, when it is disposed.</param>
internal sealed class Http3TunnelStream(DuplexStream stream, FramedInput input, bool isClassic, Action ended) : TunnelStream, IStreamEnds
{
    /// <summary>Before the first byte there is room for the frame's type and length.</summary>
    private const int Reserved = CapsuleWriter.MaxHeaderLength;

    /// <summary>More than this is not held back.</summary>
    private const int MaxPending = 128 * 1024;

    private byte[] _pending = new byte[2048];
    private int _end = Reserved;
    private int _isDisposed;
    private bool _hasEnded;
    private bool _hasCompleted;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // Other frames are skipped: trailers, and those nobody knows.
        while (input.Remaining == 0 || input.Type != Http3Codes.DataFrame)
        {
            if (await input.NextAsync(cancellationToken)) continue;
            _hasEnded = true;
            return 0;
        }

        return await input.ReadAsync(buffer, cancellationToken);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_end + buffer.Length > _pending.Length) Array.Resize(ref _pending, Math.Max(_end + buffer.Length, 2 * _pending.Length));
        buffer.CopyTo(_pending.AsMemory(_end));
        _end += buffer.Length;
        if (isClassic || _end > MaxPending) await SendAsync(cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => SendAsync(cancellationToken).AsTask();

    public async ValueTask CompleteWritesAsync(CancellationToken cancellationToken)
    {
        if (!isClassic) throw new NotSupportedException("Its capsules end, not the stream.");
        await stream.CompleteWritesAsync(cancellationToken);
        _hasCompleted = true;
    }

    public void Abort() => stream.Abort();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            // An abandoned stream must not look like an ended one; what was sent on one that has ended both ways may still be on its way.
            if (!_hasEnded || !_hasCompleted) stream.Abort();
            stream.Dispose();
            ended();
        }

        base.Dispose(disposing);
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        var length = _end - Reserved;
        if (length == 0) return;
        var start = Reserved - CapsuleWriter.GetHeaderLength(Http3Codes.DataFrame, (ulong)length);
        CapsuleWriter.WriteHeader(_pending.AsSpan(start), Http3Codes.DataFrame, (ulong)length);
        await stream.WriteAsync(_pending.AsMemory(start.._end), cancellationToken);
        _end = Reserved;
    }
}
