namespace Masque.Tunnels;

/// <summary>The stream that an accepted request has become, with the response that it belongs to.</summary>
internal sealed class ResponseStream(HttpResponseMessage response, Stream stream) : TunnelStream
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
