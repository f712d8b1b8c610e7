using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Reports;

namespace PrivacyProxy.LoadTests.Rolling;

/// <summary>What a run of <c>rolling</c> found.</summary>
/// <param name="Held">Tunnels that were open when it began.</param>
/// <param name="Short">Short tunnels that were opened.</param>
/// <param name="Refused">Tunnels that were not, short ones or those opened again.</param>
/// <param name="Failure">What the first one was refused with.</param>
/// <param name="CutEarly">Tunnels cut before the timeout of their replica's drain, or when none was draining.</param>
/// <param name="CutAtTheEnd">Tunnels cut by it.</param>
/// <param name="Stops">Seconds from SIGTERM to the end, of each replica.</param>
internal sealed record RollingResult(int Held, long Short, int Refused, string? Failure, int CutEarly, int CutAtTheEnd, IReadOnlyList<double> Stops)
{
    private const string RefusedName = "refused";
    private const string CutName = "cut before the drain's timeout";

    /// <summary>Of the short ones, from when each was due to its answer.</summary>
    [JsonIgnore]
    public LatencyHistogram Latencies { get; init; } = new();

    public Report ToReport(RollingSettings settings)
    {
        List<Figure> figures =
        [
            new("tunnels held", Held),
            new("short tunnels", Short),
            new(RefusedName, Refused, "", Better.Lower),
            new(CutName, CutEarly, "", Better.Lower),
            new("cut by it, and opened again", CutAtTheEnd),
            new("p99 of short tunnels", Latencies.Percentile(0.99).TotalMilliseconds, "ms", Better.Lower),
            new("longest of short tunnels", Latencies.Max.TotalMilliseconds, "ms", Better.Lower),
            .. Stops.Select(static (seconds, i) => new Figure($"replica {i + 1}: from SIGTERM to its end", seconds, "s")),
        ];
        return Report.Of("rolling", settings, figures, this) with
        {
            Notes = Failure is null ? [] : [$"The first one that was refused: {Failure}"],
            Limits = Limit.Of(figures, ("--max-refused", RefusedName, settings.MaxRefused), ("--max-cut", CutName, settings.MaxCut)),
            Charts = [LatencyChart.Of("Time from when a short tunnel was due to the answer, by share of them", [("both restarts", Latencies)])],
        };
    }
}
