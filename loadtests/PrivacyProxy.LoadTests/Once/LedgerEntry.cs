using System.Runtime.InteropServices;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>Counts of one token.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LedgerEntry
{
    /// <summary>Offers begun.</summary>
    public int Begun;

    /// <summary>Offers answered; fewer than begun when the process was killed in between.</summary>
    public int Ended;

    /// <summary>Answers "fresh": more than one is a double spend.</summary>
    public int Accepted;

    /// <summary>Answers "spent before".</summary>
    public int AlreadySpent;

    /// <summary>Answers "cannot say".</summary>
    public int Unavailable;

    /// <summary>Offers made while there may have been no healthy majority.</summary>
    public int Excused;
}
