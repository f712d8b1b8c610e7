using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached.Nodes;

/// <summary>
/// One check under way: asks all replicas at once and completes with the answer that decides. Pooled, so that a check
/// allocates nothing; it goes back once the caller has the outcome and the last replica has answered. Why so: docs/design/votes-and-journal.md.
/// </summary>
internal sealed class ReplicatedCheck : IValueTaskSource<SpendOutcome>
{
    private readonly ReplicaVoting _voting;
    private readonly Branch[] _branches;
    private ManualResetValueTaskSourceCore<SpendOutcome> _outcome;
    private SpentTokenKey _key;
    private long _exptime;
    private bool _spends;
    private long _count;
    private int _holders;
    private CheckTrace? _trace;

    public ReplicatedCheck(ReplicaVoting voting)
    {
        _voting = voting;
        _branches = new Branch[voting.Replicas];
        for (var i = 0; i < _branches.Length; i++) _branches[i] = new Branch(this);
    }

    /// <summary>
    /// Begins the check. Where too few replicas vote it could not be accepted: then nothing is sent, so that a spend that
    /// is refused does not use the token up.
    /// </summary>
    public ValueTask<SpendOutcome> Begin(in SpentTokenKey key, long exptime, bool spends, CheckTrace? trace)
    {
        (_key, _exptime, _spends) = (key, exptime, spends);
        var (asked, voting) = Seat(key);
        if (voting < _voting.Majority)
        {
            _voting.Return(this);
            return new(SpendOutcome.Unavailable);
        }
        _count = VoteCount.Asked(asked).Packed;
        // Until the last replica has answered, which may be after the request was.
        trace?.Hold();
        _trace = trace;
        // Held by the caller, by this method, and by each replica asked.
        _holders = asked + 2;
        var outcome = new ValueTask<SpendOutcome>(this, _outcome.Version);
        foreach (var branch in _branches)
            if (branch.Standing.IsAsked) branch.Ask(key, exptime, spends);
        Release();
        return outcome;
    }

    SpendOutcome IValueTaskSource<SpendOutcome>.GetResult(short token)
    {
        var outcome = _outcome.GetResult(token);
        Release();
        return outcome;
    }

    ValueTaskSourceStatus IValueTaskSource<SpendOutcome>.GetStatus(short token) => _outcome.GetStatus(token);

    void IValueTaskSource<SpendOutcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _outcome.OnCompleted(continuation, state, token, flags);

    /// <summary>Chooses the replicas and notes what each is worth now.</summary>
    private (int Asked, int Voting) Seat(in SpentTokenKey key)
    {
        Span<int> chosen = stackalloc int[_branches.Length];
        _voting.Choice.Choose(key, chosen);
        var (asked, voting) = (0, 0);
        for (var i = 0; i < _branches.Length; i++)
        {
            var standing = _branches[i].Seat(_voting.Nodes[chosen[i]]);
            if (standing.IsAsked) asked++;
            if (standing.Votes) voting++;
        }
        return (asked, voting);
    }

    /// <summary>Counts an answer; the one that decides, and only that one, completes the check.</summary>
    private void Count(ReplicaAnswer answer)
    {
        var after = Interlocked.Add(ref _count, VoteCount.Of(answer));
        var before = after - VoteCount.Of(answer);
        if (Decided(new VoteCount(before)) is null && Decided(new VoteCount(after)) is { } outcome)
        {
            if (_spends && outcome == SpendOutcome.Fresh) Remember();
            _outcome.SetResult(outcome);
        }
        Release();
    }

    private SpendOutcome? Decided(VoteCount count) => _spends ? count.OfSpend(_voting.Majority) : count.OfLookUp(_voting.Majority);

    /// <summary>
    /// Writes the spend into the journal, then looks which replicas may lack it. In this order: a replica that loses its
    /// memory in between either finds the entry in the journal or is owed it.
    /// </summary>
    private void Remember()
    {
        var sequence = _voting.Journal.Append(_key, _exptime);
        foreach (var branch in _branches)
            if (!branch.Holds) branch.Replica.Owe(sequence);
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        _outcome.Reset();
        _trace?.Release();
        _trace = null;
        _voting.Return(this);
    }

    /// <summary>The part of one replica.</summary>
    private sealed class Branch
    {
        private readonly ReplicatedCheck _check;
        private readonly Action _answered;
        private ConfiguredValueTaskAwaitable<MemcachedReply>.ConfiguredValueTaskAwaiter _awaiter;
        private bool _stored;
        private NodeAsk? _ask;

        public Branch(ReplicatedCheck check)
        {
            _check = check;
            _answered = Answered;
        }

        public IReplica Replica { get; private set; } = null!;

        /// <summary>As it was when the check began.</summary>
        public NodeStanding Standing { get; private set; }

        /// <summary>True when the memory that answered STORED is still the replica's.</summary>
        public bool Holds => _stored && IsSameMemory;

        private bool IsSameMemory => Replica.Standing.Incarnation == Standing.Incarnation;

        public NodeStanding Seat(IReplica replica)
        {
            Replica = replica;
            _stored = false;
            return Standing = replica.Standing;
        }

        [SuppressMessage("Reliability", "CA2012", Justification = "Consumed once: by Answered.")]
        public void Ask(in SpentTokenKey key, long exptime, bool spends)
        {
            _ask = _check._trace?.Ask(spends, Replica.Name);
            _awaiter = spends ? Replica.AddAsync(key, exptime).ConfigureAwait(false).GetAwaiter() : Replica.GetAsync(key).ConfigureAwait(false).GetAwaiter();
            if (_awaiter.IsCompleted) Answered();
            else _awaiter.UnsafeOnCompleted(_answered);
        }

        private void Answered()
        {
            var reply = _awaiter.GetResult();
            _awaiter = default;
            if (_ask is not null) _check._trace!.Answered(_ask, reply.Label());
            _check.Count(Worth(reply));
        }

        private ReplicaAnswer Worth(MemcachedReply reply)
        {
            switch (reply)
            {
                case MemcachedReply.Hit or MemcachedReply.NotStored:
                    return ReplicaAnswer.Exists;
                case MemcachedReply.Stored or MemcachedReply.Miss:
                    _stored = reply == MemcachedReply.Stored;
                    return Standing.Votes && IsSameMemory ? ReplicaAnswer.Vote : ReplicaAnswer.None;
                default:
                    Replica.Count(reply);
                    return ReplicaAnswer.None;
            }
        }
    }
}
