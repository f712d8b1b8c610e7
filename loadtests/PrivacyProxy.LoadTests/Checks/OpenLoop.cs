using System.Diagnostics;
using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary>Checks come at a fixed rate whether or not earlier ones are answered, and count from when they were due: a stall cannot hide.</summary>
internal sealed class OpenLoop(ISpentTokenStore store, CheckOperation operation, double perSecond)
{
    /// <summary>Beyond it new checks wait, and their latency grows: memory stays bounded when the store cannot keep up.</summary>
    private const int MostInFlight = 20_000;

    private static readonly long _tolerance = Stopwatch.Frequency / 100;

    private readonly RandomTokens _tokens = new((ulong)Random.Shared.NextInt64());
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _slots = new(MostInFlight);
    private LatencyHistogram _latencies = new();
    private long _unavailable;

    public async Task<CheckResult> RunAsync(TimeSpan warmUp, TimeSpan duration)
    {
        await RunOnceAsync(warmUp);
        (_latencies, _unavailable) = (new LatencyHistogram(), 0);
        GC.Collect();
        var meter = new CostMeter();
        await RunOnceAsync(duration);
        return CheckResult.Of(_latencies, _latencies.Count, _unavailable, meter.Read());
    }

    private async Task RunOnceAsync(TimeSpan duration)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var period = Stopwatch.Frequency / perSecond;
        var count = (long)(duration.TotalSeconds * perSecond);
        for (long i = 0; i < count;)
        {
            var due = (long)((Stopwatch.GetTimestamp() - startedAt) / period);
            for (; i <= due && i < count; i++)
            {
                var dueAt = startedAt + (long)(i * period);
                var now = Stopwatch.GetTimestamp();
                await _slots.WaitAsync();
                // Late by the coarse timer is the generator's doing, and not counted; later than that is the store's.
                _ = CheckAsync(_tokens.Next(), operation == CheckOperation.LookUp || (operation == CheckOperation.Mixed && (i & 1) == 0), now - dueAt < _tolerance ? now : dueAt);
            }
            // Coarse on purpose: spinning would take one of two cores from the store.
            if (i < count) await Task.Delay(1);
        }
        for (var i = 0; i < MostInFlight; i++) await _slots.WaitAsync();
        _slots.Release(MostInFlight);
    }

    private async Task CheckAsync(SpentToken token, bool isLookUp, long dueAt)
    {
        var outcome = await (isLookUp ? store.LookUpAsync(token, CancellationToken.None) : store.SpendAsync(token, CancellationToken.None));
        var elapsed = Stopwatch.GetTimestamp() - dueAt;
        lock (_lock)
        {
            _latencies.Record(elapsed);
            if (outcome != SpendOutcome.Fresh) _unavailable++;
        }
        _slots.Release();
    }
}
