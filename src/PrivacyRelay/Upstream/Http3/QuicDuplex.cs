using System.Buffers;
using MsQuic;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>A QUIC stream that is read and written as a stream of .NET.</summary>
internal sealed class QuicDuplex(QuicStream stream) : TunnelStream, IStreamEnds
{
    private int _isDisposed;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var result = await stream.Input.ReadAsync(cancellationToken);
        var part = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        part.CopyTo(buffer.Span);
        // Examined as far as it was taken: what is left is read at once.
        stream.Input.AdvanceTo(part.End);
        return (int)part.Length;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if ((await stream.Output.WriteAsync(buffer, cancellationToken)).IsCompleted) throw new IOException("The proxy wants no more of the stream.");
    }

    public ValueTask CompleteWritesAsync(CancellationToken cancellationToken) => stream.Output.CompleteAsync();

    public void Abort() => stream.Abort(Http3Codes.RequestCancelled);

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) await stream.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        // What ends the stream is done before the first wait.
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0) _ = stream.DisposeAsync().AsTask();
        base.Dispose(disposing);
    }
}
