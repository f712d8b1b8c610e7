namespace PrivacyProxy.LoadTests.Nagle;

/// <summary>How a client hands one command to the kernel.</summary>
/// <param name="Name">For the screen.</param>
/// <param name="Writes">System calls for one command: 1 or 3.</param>
/// <param name="NoDelay">TCP_NODELAY: whether Nagle's algorithm is off.</param>
internal sealed record WritePattern(string Name, int Writes, bool NoDelay)
{
    /// <summary>What cost 40 ms a check.</summary>
    public static WritePattern ThreeWritesWithNagle { get; } = new("3 writes, Nagle", 3, NoDelay: false);

    public static WritePattern ThreeWritesWithoutNagle { get; } = new("3 wr. NODELAY", 3, NoDelay: true);

    public static WritePattern OneWriteWithNagle { get; } = new("1 write, Nagle", 1, NoDelay: false);
}
