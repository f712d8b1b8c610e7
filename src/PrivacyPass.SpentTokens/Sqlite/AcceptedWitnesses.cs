namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>
/// Some of the tokens accepted last, by which an older copy is told from the file that was open before. Those from before
/// the last checkpoint too: a write-ahead log left behind gives an older copy what came after. For one thread.
/// </summary>
internal sealed class AcceptedWitnesses
{
    /// <summary>Keys are random: of a copy that lacks a part of the pages, so many tokens do not all lie in the other part.</summary>
    private const int Kept = 64;

    private readonly SpentToken[] _recent = new SpentToken[Kept];
    private readonly SpentToken[] _settled = new SpentToken[Kept];
    private long _added;
    private int _settledCount;

    /// <summary>Takes a token whose spend has been committed.</summary>
    public void Add(in SpentToken token) => _recent[_added++ % Kept] = token;

    /// <summary>The log has been copied into the file.</summary>
    public void Settle()
    {
        _recent.CopyTo(_settled, 0);
        _settledCount = Count;
    }

    /// <summary>Whether the file lacks one. Tokens of keys that have expired may have been deleted and do not count.</summary>
    public bool IsAnyUnknownTo(SpentTokenDatabase database)
    {
        foreach (ref readonly var token in _recent.AsSpan(0, Count))
            if (database.LookUp(token) == SpendOutcome.Fresh) return true;
        foreach (ref readonly var token in _settled.AsSpan(0, _settledCount))
            if (database.LookUp(token) == SpendOutcome.Fresh) return true;
        return false;
    }

    private int Count => (int)Math.Min(_added, Kept);
}
