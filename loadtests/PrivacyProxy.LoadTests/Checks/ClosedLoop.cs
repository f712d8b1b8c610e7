using System.Diagnostics;
using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Stores;
using Tunneling.Loops;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary>Callers that each ask again as soon as they are answered.</summary>
internal sealed class ClosedLoop(ISpentTokenStore store, CheckOperation operation, int callers)
{
    /// <summary>A store that answers at once would keep its caller on the thread for ever.</summary>
    private const int YieldAfter = 4096;

    private readonly Caller[] _callers = [.. Enumerable.Range(0, callers).Select(_ => new Caller())];
    private volatile bool _stopped;

    /// <summary>Where the callers live, in turn; empty for the pool.</summary>
    public IReadOnlyList<EventLoop> Loops { get; init; } = [];

    /// <summary>Of how many checks one is timed: looking at the clock costs as much as a check in memory.</summary>
    public int SampleEvery { get; init; } = 1;

    /// <summary>Ends early after so many checks.</summary>
    public long MostChecks { get; init; } = long.MaxValue;

    public async Task<CheckResult> RunAsync(TimeSpan warmUp, TimeSpan duration)
    {
        await RunOnceAsync(warmUp);
        foreach (var caller in _callers) caller.Reset();
        // Left-overs of the warm-up are not what a check costs.
        GC.Collect();
        var meter = new CostMeter();
        await RunOnceAsync(duration);
        var cost = meter.Read();
        var all = new LatencyHistogram();
        foreach (var caller in _callers) all.Add(caller.Latencies);
        return CheckResult.Of(all, _callers.Sum(static caller => caller.Checks), _callers.Sum(static caller => caller.Unavailable), cost);
    }

    private async Task RunOnceAsync(TimeSpan duration)
    {
        _stopped = false;
        using var stop = new Timer(static loop => ((ClosedLoop)loop!)._stopped = true, this, duration, Timeout.InfiniteTimeSpan);
        await Task.WhenAll(_callers.Select((caller, number) => Loops.Count == 0 ? Task.Run(() => CallAsync(caller)) : CallFromAsync(Loops[number % Loops.Count], caller)));
    }

    private Task CallFromAsync(EventLoop loop, Caller caller)
    {
        var begun = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => begun.SetResult(CallAsync(caller)), null);
        return begun.Task.Unwrap();
    }

    private async Task CallAsync(Caller caller)
    {
        var most = MostChecks / callers;
        var token = default(SpentToken);
        for (var i = 0; !_stopped && i < most; i++)
        {
            var isLookUp = operation == CheckOperation.LookUp || (operation == CheckOperation.Mixed && (i & 1) == 0);
            if (isLookUp || operation == CheckOperation.Spend) token = caller.Tokens.Next();
            var isTimed = i % SampleEvery == 0;
            var askedAt = isTimed ? Stopwatch.GetTimestamp() : 0;
            var answer = isLookUp ? store.LookUpAsync(token, CancellationToken.None) : store.SpendAsync(token, CancellationToken.None);
            if (answer.IsCompleted && i % YieldAfter == YieldAfter - 1) await Task.Yield();
            var outcome = await answer;
            if (isTimed) caller.Latencies.Record(Stopwatch.GetTimestamp() - askedAt);
            caller.Checks++;
            if (outcome != SpendOutcome.Fresh) caller.Unavailable++;
        }
    }

    private sealed class Caller
    {
        public RandomTokens Tokens { get; } = new((ulong)Random.Shared.NextInt64());

        public LatencyHistogram Latencies { get; private set; } = new();

        public long Checks { get; set; }

        public long Unavailable { get; set; }

        public void Reset() => (Latencies, Checks, Unavailable) = (new LatencyHistogram(), 0, 0);
    }
}
