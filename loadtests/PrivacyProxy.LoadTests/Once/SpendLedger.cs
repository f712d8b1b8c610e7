using PrivacyPass.SpentTokens;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>What became of every offer of every token; tokens are numbered from 0. Safe for concurrent use.</summary>
internal sealed class SpendLedger(int tokens)
{
    private readonly LedgerEntry[] _entries = new LedgerEntry[tokens];

    public int Tokens => _entries.Length;

    public LedgerEntry this[int token] => _entries[token];

    /// <summary>One offer and its answer.</summary>
    /// <param name="token">Its number.</param>
    /// <param name="outcome">What the store said.</param>
    /// <param name="wasHealthy">Whether a majority of the nodes was healthy all the while.</param>
    /// <param name="waited">How long that took.</param>
    public void Record(int token, SpendOutcome outcome, bool wasHealthy, TimeSpan waited)
    {
        ref var entry = ref _entries[token];
        switch (outcome)
        {
            case SpendOutcome.Fresh: Interlocked.Increment(ref entry.Accepted); break;
            case SpendOutcome.AlreadySpent: Interlocked.Increment(ref entry.AlreadySpent); break;
            default:
                Interlocked.Increment(ref entry.Unavailable);
                // Of a token that one client offers once; of others the last will do.
                entry.RefusedAfter = waited;
                break;
        }
        if (!wasHealthy) Interlocked.Increment(ref entry.Excused);
    }
}
