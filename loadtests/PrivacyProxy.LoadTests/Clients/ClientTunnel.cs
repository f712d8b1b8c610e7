namespace PrivacyProxy.LoadTests.Clients;

/// <summary>An open tunnel. Disposed before both sides have ended, it is reset or cut.</summary>
/// <param name="askedAt">When the request was sent, in ticks of <see cref="System.Diagnostics.Stopwatch"/>: connection set-up was before it.</param>
/// <param name="answeredAt">When the answer came.</param>
internal abstract class ClientTunnel(long askedAt, long answeredAt) : IAsyncDisposable
{
    public long AskedAt { get; } = askedAt;

    public long AnsweredAt { get; } = answeredAt;

    /// <summary>Bytes from the destination; 0 at their end.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>No more bytes from here.</summary>
    public abstract ValueTask CompleteAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
