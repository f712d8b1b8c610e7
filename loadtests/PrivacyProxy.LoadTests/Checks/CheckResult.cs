using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary>What a run of checks measured.</summary>
/// <param name="Checks">Answered.</param>
/// <param name="Unavailable">Of them, those the store could not decide.</param>
/// <param name="PerSecond">Answered per second.</param>
/// <param name="Latencies">From asking, or in open loop from when it was due, to the answer.</param>
/// <param name="ProcessorMicroseconds">CPU time of this process per check: client, callers and the making of tokens.</param>
/// <param name="AllocatedBytes">Per check, of this process.</param>
internal sealed record CheckResult(long Checks, long Unavailable, double PerSecond, LatencySummary Latencies, double ProcessorMicroseconds, double AllocatedBytes)
{
    public static CheckResult Of(LatencyHistogram latencies, long checks, long unavailable, Cost cost) => new(
        checks, unavailable, checks / cost.Elapsed.TotalSeconds, latencies.Summarize(),
        cost.Processor.TotalMicroseconds / Math.Max(1, checks), cost.AllocatedBytes / (double)Math.Max(1, checks));
}
