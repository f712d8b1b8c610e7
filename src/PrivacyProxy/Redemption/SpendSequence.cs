using System.Diagnostics;
using System.Runtime.CompilerServices;
using PrivacyPass;
using PrivacyPass.SpentTokens;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using PrivacyProxy.SpentTokens;
using Tunneling.Loops;

namespace PrivacyProxy.Redemption;

/// <summary>
/// The steps that decide about a candidate: look-up, signature, spend, in the order asked for. Accepted means verified, and
/// spent by this very call. Without an answer of the store there is a refusal, never a guess.
/// </summary>
internal sealed partial class SpendSequence(ISpentTokenStore store, SpentTokenMetrics checks, RedemptionMetrics metrics, ILogger<SpendSequence> logger)
{
    /// <summary>Runs to the verdict and releases the candidate. Allocates nothing, unless more redemptions wait for the store than are pooled.</summary>
    /// <exception cref="OperationCanceledException">The client has left. Its token is spent only if it left during the spend.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedemptionResult> RunAsync(RedemptionCandidate candidate, SpendOrder order, RequestTrace? trace, CancellationToken cancellationToken)
    {
        try
        {
            var token = candidate.Token with { Trace = trace };
            var isVerified = false;
            if (store.LooksUpFirst && order != SpendOrder.VerifyFirst)
            {
                var lookedUpAt = BeginCheck(TracePhase.LookUp, trace);
                var lookUp = store.LookUpAsync(token, cancellationToken);
                var waits = !lookUp.IsCompleted;
                // An answer that is there already may save the signature check.
                if (waits && order == SpendOrder.Overlapped)
                {
                    isVerified = await VerifyAsync(candidate, trace);
                    if (!isVerified) return Forget(lookUp);
                }
                var known = await lookUp;
                EndCheck(TracePhase.LookUp, lookedUpAt, known, trace);
                if (waits && IsOnThreadOfStore) await Task.Yield();
                if (known != SpendOutcome.Fresh) return Result(known);
            }

            if (!isVerified && !await VerifyAsync(candidate, trace)) return RedemptionResult.InvalidToken;
            // A client that has left keeps its token.
            cancellationToken.ThrowIfCancellationRequested();
            var spentAt = BeginCheck(TracePhase.Spend, trace);
            var spend = store.SpendAsync(token, cancellationToken);
            var suspends = !spend.IsCompleted;
            var outcome = await spend;
            EndCheck(TracePhase.Spend, spentAt, outcome, trace);
            if (suspends && IsOnThreadOfStore) await Task.Yield();
            return Result(outcome);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogStoreFailure(store.Name, e.GetType().Name);
            return RedemptionResult.StoreUnavailable;
        }
        finally
        {
            candidate.Release();
        }
    }

    /// <summary>
    /// A store may answer on the thread that reads its replies. A signature check, or the resolving and dialling that follow the
    /// verdict, would hold up every other answer there. A request on an event loop comes back to its loop by itself.
    /// </summary>
    private static bool IsOnThreadOfStore => EventLoop.Current is null && !Thread.CurrentThread.IsThreadPoolThread;

    /// <summary>A bad signature needs no answer; the store's answer is still taken, for what it may hold.</summary>
    private static RedemptionResult Forget(ValueTask<SpendOutcome> lookUp)
    {
        _ = TakeAsync(lookUp);
        return RedemptionResult.InvalidToken;

        static async Task TakeAsync(ValueTask<SpendOutcome> lookUp)
        {
            try
            {
                await lookUp;
            }
            catch (Exception)
            {
                // Nobody waits for it.
            }
        }
    }

    private long BeginCheck(TracePhase phase, RequestTrace? trace)
    {
        trace?.BeginCheck(phase, store.Name);
        return Stopwatch.GetTimestamp();
    }

    private void EndCheck(TracePhase phase, long begun, SpendOutcome outcome, RequestTrace? trace)
    {
        var elapsed = Stopwatch.GetElapsedTime(begun);
        trace?.EndCheck(phase, outcome, elapsed);
        checks.Checked(phase == TracePhase.LookUp ? "lookup" : "spend", store.Name, elapsed, trace?.KeptId ?? default);
    }

    /// <summary>On an event loop, where others wait, what takes milliseconds is done on the pool.</summary>
    private ValueTask<bool> VerifyAsync(RedemptionCandidate candidate, RequestTrace? trace) =>
        candidate.Key.Type != TokenType.BlindRsa2048 && EventLoop.Current is not null ? VerifyOnPoolAsync(candidate, trace) : new(Verify(candidate, trace));

    // Apart, as the lambda's object is made when its method begins.
    private ValueTask<bool> VerifyOnPoolAsync(RedemptionCandidate candidate, RequestTrace? trace) => new(Task.Run(() => Verify(candidate, trace)));

    private bool Verify(in RedemptionCandidate candidate, RequestTrace? trace)
    {
        trace?.Begin(TracePhase.Verify);
        var began = Stopwatch.GetTimestamp();
        var isGood = candidate.Verify();
        metrics.Verified(candidate.Key.Type, Stopwatch.GetElapsedTime(began), trace?.KeptId ?? default);
        trace?.EndVerify(candidate.Key.Type);
        return isGood;
    }

    private static RedemptionResult Result(SpendOutcome outcome) => outcome switch
    {
        SpendOutcome.Fresh => RedemptionResult.Accepted,
        SpendOutcome.AlreadySpent => RedemptionResult.AlreadySpent,
        _ => RedemptionResult.StoreUnavailable,
    };

    // The type only: a message could hold what a client sent.
    [LoggerMessage(EventId = 2601, Level = LogLevel.Error, Message = "The {Store} store broke its promise not to throw: {ExceptionType}. The token was refused.")]
    private partial void LogStoreFailure(string store, string exceptionType);
}
