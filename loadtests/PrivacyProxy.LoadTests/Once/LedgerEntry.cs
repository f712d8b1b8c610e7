namespace PrivacyProxy.LoadTests.Once;

/// <summary>The answers to the offers of one token; fields, for they are counted up from many threads.</summary>
internal struct LedgerEntry
{
    /// <summary>"Fresh": more than one is a double spend.</summary>
    public int Accepted;

    /// <summary>"Spent before".</summary>
    public int AlreadySpent;

    /// <summary>"Cannot say".</summary>
    public int Unavailable;

    /// <summary>Of the offers, those made while there may have been no healthy majority.</summary>
    public int Excused;

    /// <summary>How long "cannot say" took.</summary>
    public TimeSpan RefusedAfter;

    /// <summary>All answers.</summary>
    public readonly int Offers => Accepted + AlreadySpent + Unavailable;
}
