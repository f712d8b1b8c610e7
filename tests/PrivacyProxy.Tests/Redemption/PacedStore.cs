using PrivacyPass.SpentTokens;

namespace PrivacyProxy.Tests.Redemption;

/// <summary>A store with I/O of its own that ends look-ups and spends as told, and notes what happened to it.</summary>
internal sealed class PacedStore(StoreAnswer lookUp, StoreAnswer spend, StorePace pace) : ISpentTokenStore
{
    private readonly TaskCompletionSource _redeemerWaits = new();

    /// <summary>Run within a look-up, before it is answered.</summary>
    public Action DuringLookUp { get; set; } = static () => { };

    /// <summary>Run within a spend, before it is answered.</summary>
    public Action DuringSpend { get; set; } = static () => { };

    public int LookUps { get; private set; }

    public int Spends { get; private set; }

    /// <summary>True when a spend was asked for on a thread that is the store's.</summary>
    public bool WasKeptFromItsThread { get; private set; }

    public string Name => "paced";

    public bool LooksUpFirst => true;

    public bool IsReady => true;

    /// <summary>Lets calls under way end: the redeemer waits for them.</summary>
    public void Go() => _redeemerWaits.TrySetResult();

    public ValueTask<SpendOutcome> LookUpAsync(SpentToken token, CancellationToken cancellationToken)
    {
        LookUps++;
        return pace == StorePace.AtOnce ? new(Answer(lookUp, DuringLookUp, cancellationToken)) : AnswerLaterAsync(lookUp, DuringLookUp, cancellationToken);
    }

    public ValueTask<SpendOutcome> SpendAsync(SpentToken token, CancellationToken cancellationToken)
    {
        Spends++;
        WasKeptFromItsThread |= OwnThread.IsCurrent;
        return pace == StorePace.AtOnce ? new(Answer(spend, DuringSpend, cancellationToken)) : AnswerLaterAsync(spend, DuringSpend, cancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<SpendOutcome> AnswerLaterAsync(StoreAnswer answer, Action during, CancellationToken cancellationToken)
    {
        await _redeemerWaits.Task.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (pace == StorePace.OnItsThread) await default(OwnThread);
        return Answer(answer, during, cancellationToken);
    }

    private static SpendOutcome Answer(StoreAnswer answer, Action during, CancellationToken cancellationToken)
    {
        during();
        return answer switch
        {
            StoreAnswer.Fresh => SpendOutcome.Fresh,
            StoreAnswer.AlreadySpent => SpendOutcome.AlreadySpent,
            StoreAnswer.Unavailable => SpendOutcome.Unavailable,
            StoreAnswer.Cancels => throw new OperationCanceledException(cancellationToken),
            _ => throw new InvalidOperationException("scripted"),
        };
    }
}
