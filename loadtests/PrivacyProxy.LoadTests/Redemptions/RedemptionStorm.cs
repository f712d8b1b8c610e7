using System.Diagnostics;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.Redemption;
using PrivacyProxy.Requests;

namespace PrivacyProxy.LoadTests.Redemptions;

/// <summary>Callers that send good and bad tokens through a redeemer, each as soon as the last one is decided.</summary>
internal sealed class RedemptionStorm(IRedeemer redeemer, TokenSupply supply, StormKind kind, double badShare, int callers)
{
    /// <summary>Spent before the measuring: they are what is replayed, and they compile the code.</summary>
    private const int SpentBefore = 500;

    private readonly LatencyHistogram[] _good = New(callers);
    private readonly LatencyHistogram[] _bad = New(callers);
    private int _nextGood = SpentBefore;
    private long _wrong;

    public LatencyHistogram GoodLatencies => Merge(_good);

    public LatencyHistogram BadLatencies => Merge(_bad);

    /// <summary>Requests with another result than they should have.</summary>
    public long Wrong => _wrong;

    public async Task PrepareAsync()
    {
        for (var i = 0; i < SpentBefore; i++)
            if (await RedeemAsync(supply.Good[i]) != RedemptionResult.Accepted) _wrong++;
        // Code that only bad requests reach is compiled before the measuring too.
        for (var i = 0; i < SpentBefore; i++)
            if (await RedeemAsync(Bad(i)) != Expected) _wrong++;
    }

    /// <summary>Until the good tokens are used up, or the time is.</summary>
    public async Task<Cost> RunAsync(TimeSpan limit)
    {
        GC.Collect();
        var meter = new CostMeter();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(caller, limit))));
        return meter.Read();
    }

    private async Task CallAsync(int caller, TimeSpan limit)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var random = new Random(caller);
        while (Stopwatch.GetElapsedTime(startedAt) < limit)
        {
            var isBad = random.NextDouble() < badShare;
            string value;
            if (isBad)
            {
                value = Bad(random.Next());
            }
            else
            {
                var next = Interlocked.Increment(ref _nextGood) - 1;
                if (next >= supply.Good.Count) return;
                value = supply.Good[next];
            }
            var askedAt = Stopwatch.GetTimestamp();
            var result = await RedeemAsync(value);
            (isBad ? _bad : _good)[caller].Record(Stopwatch.GetTimestamp() - askedAt);
            if (result != (isBad ? Expected : RedemptionResult.Accepted)) Interlocked.Increment(ref _wrong);
        }
    }

    private RedemptionResult Expected => kind == StormKind.Replay ? RedemptionResult.AlreadySpent : RedemptionResult.InvalidToken;

    private string Bad(int number) => kind == StormKind.Replay ? supply.Good[number % SpentBefore] : supply.Forged[number % supply.Forged.Count];

    private ValueTask<RedemptionResult> RedeemAsync(string value) => redeemer.RedeemAsync(new TunnelCredentials(value, default), null, CancellationToken.None);

    private static LatencyHistogram[] New(int count) => [.. Enumerable.Range(0, count).Select(static _ => new LatencyHistogram())];

    private static LatencyHistogram Merge(LatencyHistogram[] parts)
    {
        var all = new LatencyHistogram();
        foreach (var part in parts) all.Add(part);
        return all;
    }
}
