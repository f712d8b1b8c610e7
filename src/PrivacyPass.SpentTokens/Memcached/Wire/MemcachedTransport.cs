namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>The bytes of a connection, in the clear or through TLS. One reader and one sender at a time.</summary>
internal abstract class MemcachedTransport : IDisposable
{
    /// <summary>Blocks until something has come.</summary>
    /// <returns>The bytes received; 0 when the server closed or <see cref="Abort"/> was called.</returns>
    public abstract int Receive(Span<byte> buffer);

    /// <summary>Does not block: completes at once unless the socket is full.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> batch);

    /// <summary>Wakes the reader and the sender for good; any thread.</summary>
    public abstract void Abort();

    public abstract void Dispose();
}
