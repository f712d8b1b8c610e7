using System.Threading.Tasks.Sources;

namespace PrivacyPass.SpentTokens.Sqlite;

/// <summary>
/// One caller's question and its answer; pooled. It goes back to its queue when both sides, the caller and the writer,
/// are done with it: a caller whose deadline has passed leaves before the writer does.
/// </summary>
internal sealed class PendingSpend : IValueTaskSource<SpendOutcome>
{
    private readonly SpendQueue _queue;
    private ManualResetValueTaskSourceCore<SpendOutcome> _core;
    private int _answered;
    private int _users;

    public PendingSpend(SpendQueue queue)
    {
        _queue = queue;
        // The writer must not run the callers' continuations.
        _core.RunContinuationsAsynchronously = true;
    }

    public SpentToken Token { get; private set; }

    /// <summary>True to spend, false to look up.</summary>
    public bool Spends { get; private set; }

    /// <summary>When it was asked, <see cref="Environment.TickCount64"/>.</summary>
    public long Asked { get; private set; }

    /// <summary>What the writer found, told only once it is committed.</summary>
    public SpendOutcome Outcome { get; set; }

    public ValueTask<SpendOutcome> Task => new(this, _core.Version);

    public void Start(SpentToken token, bool spends)
    {
        (Token, Spends, Asked, Outcome) = (token, spends, Environment.TickCount64, SpendOutcome.Unavailable);
        _answered = 0;
        _users = 2;
    }

    /// <summary>Answers the caller, unless it has been answered.</summary>
    public void Answer(SpendOutcome outcome)
    {
        if (Interlocked.Exchange(ref _answered, 1) == 0) _core.SetResult(outcome);
    }

    /// <summary>Called by each side once.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0) return;
        _core.Reset();
        _queue.Return(this);
    }

    public SpendOutcome GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Release();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
