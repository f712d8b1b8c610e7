namespace PrivacyPass.SpentTokens;

/// <summary>
/// An event loop of the host, from which checks come. A connection that belongs to one is written and read on its thread, so that what
/// asks there has its answer without another thread. A host without loops has none: then every connection has a thread that reads.
/// </summary>
internal abstract class CheckLoop
{
    [ThreadStatic]
    private static CheckLoop? t_current;

    /// <summary>The loop whose thread this is; null on any other.</summary>
    public static CheckLoop? Current => t_current;

    /// <summary>Runs a call later on the loop's thread, behind what this turn of it has still to do. Any thread.</summary>
    public abstract void Post(SendOrPostCallback callback, object? state);

    /// <summary>
    /// Reads the replies of a connection on the loop from now on, until it or the loop ends: hands them to
    /// <see cref="Memcached.Wire.MemcachedLink.Received"/>, and the end to <see cref="Memcached.Wire.MemcachedLink.End"/>.
    /// </summary>
    public abstract void Read(Memcached.Wire.MemcachedLink link, Memcached.Wire.SocketTransport transport);

    /// <summary>On the loop's thread, before the first check from there.</summary>
    protected void Enter() => t_current = this;
}
