using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Reports;

namespace PrivacyProxy.LoadTests.Soak;

/// <summary>What a run of <c>soak</c> found.</summary>
/// <param name="Rate">Tunnels a second that were due.</param>
/// <param name="Samples">One after the other.</param>
/// <param name="Failure">What tunnels failed with, and how often.</param>
internal sealed record SoakResult(double Rate, IReadOnlyList<SoakSample> Samples, string? Failure)
{
    private const string Errors = "errors";
    private const string P99 = "p99";
    private const string Growth = "memory, last quarter against the second";

    /// <summary>Fewer samples have no quarters.</summary>
    private const int LeastSamples = 8;

    /// <summary>Whether it was ended before its time.</summary>
    public bool WasStopped { get; init; }

    /// <summary>Of all tunnels.</summary>
    [JsonIgnore]
    public LatencyHistogram Latencies { get; init; } = new();

    public int Failed => Samples.Sum(static sample => sample.Failed);

    /// <summary>Means of the memory in the last quarter and the second, one through the other: the first still warms up. Null where there are too few samples.</summary>
    public double? MemoryGrowth
    {
        get
        {
            var memory = Samples.Select(static sample => sample.ResidentBytes).OfType<long>().ToList();
            if (memory.Count < LeastSamples) return null;
            var quarter = memory.Count / 4;
            return memory.TakeLast(quarter).Average() / memory.Skip(quarter).Take(quarter).Average();
        }
    }

    public Report ToReport(SoakSettings settings)
    {
        List<Figure> figures =
        [
            new("tunnels", Samples.Sum(static sample => sample.Opened)),
            new("tunnels/s asked for", Rate),
            new("tunnels/s", Samples.Sum(static sample => sample.Opened) / Math.Max(1e-3, Samples[^1].At), "", Better.Higher),
            new("p50", Latencies.Percentile(0.5).TotalMilliseconds, "ms", Better.Lower),
            new(P99, Latencies.Percentile(0.99).TotalMilliseconds, "ms", Better.Lower),
            new("longest", Latencies.Max.TotalMilliseconds, "ms", Better.Lower),
            new(Errors, Failed, "", Better.Lower),
        ];
        if (Samples[^1].ResidentBytes is { } last) figures.Add(new("memory at the end", last / 1e6, "MB", Better.Lower));
        if (MemoryGrowth is { } growth) figures.Add(new(Growth, growth, "", Better.Lower));
        var hasMemory = Samples.Any(static sample => sample.ResidentBytes is not null);
        return Report.Of("soak", settings, figures, this) with
        {
            WasStopped = WasStopped,
            Notes = [.. Failed == 0 ? Array.Empty<string>() : [$"Tunnels failed: {Failure}"], .. MemoryGrowth is null && hasMemory ? ["Too few samples for quarters: longer, or --every less."] : Array.Empty<string>()],
            Limits = Limit.Of(figures, ("--max-growth", Growth, hasMemory && !WasStopped ? settings.MaxGrowth : null), ("--max-p99", P99, settings.MaxP99), ("--max-errors", Errors, settings.MaxErrors)),
            Charts =
            [
                .. hasMemory ? [Chart("Memory of the proxy", "MB", static sample => sample.ResidentBytes / 1e6 ?? double.NaN)] : Array.Empty<Chart>(),
                Chart("p99 of the time to the answer, from when it was due", "ms", static sample => sample.P99),
                Chart("Tunnels since the last sample", "tunnels", static sample => sample.Opened),
                Chart("Tunnels that failed since the last sample", "tunnels", static sample => sample.Failed),
            ],
        };
    }

    private Chart Chart(string title, string unit, Func<SoakSample, double> height) =>
        new(title, unit, [new ChartSeries(unit, [.. Samples.Select(sample => new ChartPoint(sample.At, height(sample)))])]) { Along = "s" };
}
