namespace PrivacyProxy.LoadTests.Once;

/// <summary>Whether a majority of nodes was healthy all the time between two moments. Odd versions are times of a fault.</summary>
/// <param name="toleratesOne">True when one ill node leaves a majority: then there always is one, for faults come one at a time.</param>
internal sealed class FaultWindow(bool toleratesOne)
{
    private int _version;

    public int Version => Volatile.Read(ref _version);

    /// <summary>A fault begins.</summary>
    public void Begin() => Interlocked.Increment(ref _version);

    /// <summary>The node is back, and every proxy counts on it again.</summary>
    public void End() => Interlocked.Increment(ref _version);

    public bool WasHealthy(int since) => toleratesOne || (since % 2 == 0 && since == Version);
}
