namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>
/// The answers to one check so far, and the rule that decides it. Three counters in one word, so that an answer is counted
/// by a single interlocked addition and whoever adds sees a consistent whole.
/// <para>
/// Why no two spends of a token are both Fresh: each would need STORED from a majority of the same R replicas, two
/// majorities share a replica, and a replica that has not lost its memory answers STORED to one `add` only.
/// </para>
/// </summary>
/// <param name="Packed">Pending in bits 0 to 15, votes in bits 16 to 31, "exists" from bit 32 on.</param>
internal readonly record struct VoteCount(long Packed)
{
    private const int VotesShift = 16;
    private const int ExistsShift = 32;
    private const long Mask = 0xFFFF;

    /// <summary>Answers still to come.</summary>
    public int Pending => (int)(Packed & Mask);

    /// <summary>STORED (of a spend) or "not there" (of a look-up) from replicas that vote.</summary>
    public int Votes => (int)(Packed >> VotesShift & Mask);

    /// <summary>Replicas that hold the token already.</summary>
    public int Exists => (int)(Packed >> ExistsShift & Mask);

    public static VoteCount Asked(int replicas) => new(replicas);

    /// <summary>How many of <paramref name="replicas"/> are more than half.</summary>
    public static int Majority(int replicas) => replicas / 2 + 1;

    /// <summary>What an answer adds to <see cref="Packed"/>.</summary>
    public static long Of(ReplicaAnswer answer) => answer switch
    {
        ReplicaAnswer.Vote => (1L << VotesShift) - 1,
        ReplicaAnswer.Exists => (1L << ExistsShift) - 1,
        _ => -1,
    };

    public VoteCount With(ReplicaAnswer answer) => new(Packed + Of(answer));

    /// <summary>
    /// The outcome of a spend, null while it is open. Fresh takes every answer: one replica that holds the token outweighs
    /// any number that do not.
    /// </summary>
    public SpendOutcome? OfSpend(int majority)
    {
        if (Exists > 0) return SpendOutcome.AlreadySpent;
        if (Votes + Pending < majority) return SpendOutcome.Unavailable;
        return Pending > 0 ? null : SpendOutcome.Fresh;
    }

    /// <summary>The outcome of a look-up, null while it is open. A hint: a majority that does not know the token is enough.</summary>
    public SpendOutcome? OfLookUp(int majority)
    {
        if (Exists > 0) return SpendOutcome.AlreadySpent;
        if (Votes >= majority) return SpendOutcome.Fresh;
        return Votes + Pending < majority ? SpendOutcome.Unavailable : null;
    }
}
