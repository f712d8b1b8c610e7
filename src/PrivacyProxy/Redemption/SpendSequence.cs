using System.Diagnostics;
using System.Runtime.CompilerServices;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Redemption;

/// <summary>
/// The steps that decide about a candidate: look-up, signature, spend, in the order asked for. Accepted means verified, and
/// spent by this very call. Without an answer of the store there is a refusal, never a guess.
/// </summary>
internal sealed partial class SpendSequence(ISpentTokenStore store, ILogger<SpendSequence> logger, SpentTokenMetrics? metrics = null, ProxyMetrics? proxyMetrics = null)
{
    /// <summary>Runs to the verdict and releases the candidate. Allocates nothing, unless more redemptions wait for the store than are pooled.</summary>
    /// <exception cref="OperationCanceledException">The client has left. Its token is spent only if it left during the spend.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedemptionResult> RunAsync(RedemptionCandidate candidate, SpendOrder order, CancellationToken cancellationToken)
    {
        try
        {
            var isVerified = false;
            if (store.LooksUpFirst && order != SpendOrder.VerifyFirst)
            {
                var lookedUpAt = Stopwatch.GetTimestamp();
                var lookUp = store.LookUpAsync(candidate.Token, cancellationToken);
                var waits = !lookUp.IsCompleted;
                // An answer that is there already may save the signature check.
                if (waits && order == SpendOrder.Overlapped)
                {
                    isVerified = Verify(candidate);
                    if (!isVerified) return Forget(lookUp);
                }
                var known = await lookUp;
                metrics?.Checked("lookup", store.Name, Stopwatch.GetElapsedTime(lookedUpAt));
                if (waits && IsOnThreadOfStore) await Task.Yield();
                if (known != SpendOutcome.Fresh) return Result(known);
            }

            if (!isVerified && !Verify(candidate)) return RedemptionResult.InvalidToken;
            // A client that has left keeps its token.
            cancellationToken.ThrowIfCancellationRequested();
            var spentAt = Stopwatch.GetTimestamp();
            var spend = store.SpendAsync(candidate.Token, cancellationToken);
            var suspends = !spend.IsCompleted;
            var outcome = await spend;
            metrics?.Checked("spend", store.Name, Stopwatch.GetElapsedTime(spentAt));
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

    private bool Verify(in RedemptionCandidate candidate)
    {
        var began = Stopwatch.GetTimestamp();
        var isGood = candidate.Verify();
        proxyMetrics?.Verified(candidate.Key.Type, Stopwatch.GetElapsedTime(began));
        return isGood;
    }

    /// <summary>
    /// A store may answer on the thread that reads its replies. A signature check, or the resolving and dialling that follow the
    /// verdict, would hold up every other answer there.
    /// </summary>
    private static bool IsOnThreadOfStore => !Thread.CurrentThread.IsThreadPoolThread;

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

    private static RedemptionResult Result(SpendOutcome outcome) => outcome switch
    {
        SpendOutcome.Fresh => RedemptionResult.Accepted,
        SpendOutcome.AlreadySpent => RedemptionResult.AlreadySpent,
        _ => RedemptionResult.StoreUnavailable,
    };

    // The type only: a message could hold what a client sent.
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "The {Store} store broke its promise not to throw: {ExceptionType}. The token was refused.")]
    private partial void LogStoreFailure(string store, string exceptionType);
}
