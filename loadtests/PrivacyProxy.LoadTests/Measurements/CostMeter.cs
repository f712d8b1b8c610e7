using System.Diagnostics;

namespace PrivacyProxy.LoadTests.Measurements;

/// <summary>Elapsed time, CPU time and allocations of this process between two moments.</summary>
internal sealed class CostMeter
{
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly TimeSpan _processor = Environment.CpuUsage.TotalTime;
    private readonly long _allocated = GC.GetTotalAllocatedBytes(precise: true);

    public Cost Read() => new(
        Stopwatch.GetElapsedTime(_startedAt),
        Environment.CpuUsage.TotalTime - _processor,
        GC.GetTotalAllocatedBytes(precise: true) - _allocated);
}
