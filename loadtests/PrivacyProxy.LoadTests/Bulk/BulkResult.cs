using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Reports;

namespace PrivacyProxy.LoadTests.Bulk;

/// <summary>What a run of <c>bulk</c> found.</summary>
/// <param name="Rounds">Down and up in turn.</param>
internal sealed record BulkResult(IReadOnlyList<BulkRound> Rounds)
{
    /// <summary>Whether rounds are missing.</summary>
    public bool WasStopped { get; init; }

    public FailureCount Failures => FailureCount.Of("Tunnels", [.. Rounds.Select(static round => (round.Failed, round.Failure))]);

    public Report ToReport(BulkSettings settings)
    {
        List<Figure> figures = [.. Figures(down: true), .. Figures(down: false), Failures.Figure];
        return Report.Of("bulk", settings, figures, this) with
        {
            WasStopped = WasStopped,
            Notes = Failures.Notes,
            Limits = Limit.Of(figures,
                ("--max-cpu-per-gb", "down: CPU per GB", settings.MaxCpuPerGb), ("--max-cpu-per-gb", "up: CPU per GB", settings.MaxCpuPerGb),
                ("--min-rate", "down: GB/s", settings.MinRate), ("--min-rate", "up: GB/s", settings.MinRate), Failures.LimitOf(settings.MaxErrors)),
            Charts =
            [
                Chart("GB a second, by round", "GB/s", static round => round.GigabytesPerSecond),
                .. Rounds[0].ProcessorSeconds is null ? Array.Empty<Chart>() : [Chart("CPU of the proxy for a GB, by round", "s", static round => round.ProcessorSecondsPerGigabyte ?? double.NaN)],
            ],
        };
    }

    private IEnumerable<Figure> Figures(bool down)
    {
        var (name, rounds) = (Name(down), Rounds.Where(round => round.Down == down).ToList());
        if (rounds.Count == 0) yield break;
        yield return new($"{name}: GB/s", Spread.Of(rounds.Select(static round => round.GigabytesPerSecond)).Median, "", Better.Higher);
        var costs = rounds.Select(static round => round.ProcessorSecondsPerGigabyte).OfType<double>().ToList();
        if (costs.Count > 0) yield return new($"{name}: CPU per GB", Spread.Of(costs).Median, "s", Better.Lower);
    }

    private Chart Chart(string title, string unit, Func<BulkRound, double> height) =>
        new(title, unit, [.. new[] { true, false }.Select(down => ChartSeries.Of(Name(down), Rounds.Where(round => round.Down == down).Select(height)))])
        {
            HasBars = true,
            Labels = [.. Enumerable.Range(1, (Rounds.Count + 1) / 2).Select(static round => $"{round}")],
        };

    private static string Name(bool down) => down ? "down" : "up";
}
