using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream;

/// <summary>The stream of an accepted extended CONNECT. Ends as a whole: what ends apart is in its capsules.</summary>
internal sealed class ExchangeStream(HttpResponseMessage response, Stream stream) : TunnelStream, IStreamEnds
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Broken(e);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await stream.WriteAsync(buffer, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Broken(e);
        }
    }

    /// <summary>Without it the handler keeps what was written for a while.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

    public ValueTask CompleteWritesAsync(CancellationToken cancellationToken) => throw new NotSupportedException("Its capsules end, not the stream.");

    public void Abort() => Dispose();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
            response.Dispose();
        }

        base.Dispose(disposing);
    }

    private static IOException Broken(HttpRequestException exception) => new("The connection to the proxy broke.", exception);
}
