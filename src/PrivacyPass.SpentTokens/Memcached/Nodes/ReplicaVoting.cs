namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>Puts checks to the replicas of their tokens. What a check's answers mean is in <see cref="VoteCount"/>.</summary>
/// <param name="nodes">All servers, in the order of <paramref name="choice"/>.</param>
/// <param name="choice">Who holds which token.</param>
/// <param name="journal">Gets every spend that is accepted.</param>
internal sealed class ReplicaVoting(IReadOnlyList<IReplica> nodes, ReplicaChoice choice, SpendJournal journal)
{
    /// <summary>More idle checks than this are left to the garbage collector.</summary>
    private const int MostIdle = 16_384;

    private readonly Lock _gate = new();
    private readonly Stack<ReplicatedCheck> _idle = new();
    private long _inFlight;

    public IReadOnlyList<IReplica> Nodes => nodes;

    public ReplicaChoice Choice => choice;

    public SpendJournal Journal => journal;

    public int Replicas => choice.Replicas;

    public int Majority { get; } = VoteCount.Majority(choice.Replicas);

    /// <summary>Checks under way.</summary>
    public long InFlight => Volatile.Read(ref _inFlight);

    public ValueTask<SpendOutcome> LookUpAsync(in SpentTokenKey key, CheckTrace? trace = null) => Rent().Begin(key, exptime: 0, spends: false, trace);

    /// <param name="key">The token.</param>
    /// <param name="exptime">Unix seconds when its entries go, 0 for never.</param>
    /// <param name="trace">Records what each replica is asked and answers; null when nothing does.</param>
    public ValueTask<SpendOutcome> SpendAsync(in SpentTokenKey key, long exptime, CheckTrace? trace = null) => Rent().Begin(key, exptime, spends: true, trace);

    internal void Return(ReplicatedCheck check)
    {
        Interlocked.Decrement(ref _inFlight);
        lock (_gate)
            if (_idle.Count < MostIdle) _idle.Push(check);
    }

    private ReplicatedCheck Rent()
    {
        Interlocked.Increment(ref _inFlight);
        lock (_gate)
            if (_idle.TryPop(out var check)) return check;
        return new ReplicatedCheck(this);
    }
}
