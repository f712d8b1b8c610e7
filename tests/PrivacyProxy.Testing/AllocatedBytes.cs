namespace PrivacyProxy.Testing;

/// <summary>What work allocates once it is warm.</summary>
public static class AllocatedBytes
{
    /// <summary>
    /// The least that a round allocates on this thread: what the runtime allocates for itself while it compiles falls into one round, what the
    /// work allocates into each.
    /// </summary>
    public static long Least(Action round)
    {
        round();
        var least = long.MaxValue;
        for (var i = 0; i < 5 && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
