using PrivacyProxy.LoadTests.Reports;

namespace PrivacyProxy.LoadTests.Placement;

/// <summary>What a run of <c>placement</c> found.</summary>
/// <param name="Runs">One for each fleet, rate and schedule.</param>
internal sealed record PlacementResult(IReadOnlyList<PlacementRun> Runs)
{
    private const string Refused = ": refused of 1e6";
    private const string Forgotten = ": forgotten of 1e6";

    /// <summary>Whether runs are missing.</summary>
    public bool WasStopped { get; init; }

    public Report ToReport(PlacementSettings settings)
    {
        List<Figure> figures =
        [
            .. Runs.SelectMany(run => new Figure[]
            {
                new(run.Name + Refused, run.RefusedPerMillion, "", Better.Lower),
                new(run.Name + Forgotten, run.ForgottenPerMillion, "", Better.Lower),
                new(run.Name + ": busiest, commands/s", run.BusiestNodeCommands(settings.Replicas), "", Better.Lower),
            }),
        ];
        var each = Runs[0].All / Runs[0].Sampled;
        return Report.Of("placement", settings, figures, this) with
        {
            WasStopped = WasStopped,
            Notes = [$"Reckoned, not measured. Each token that was followed stands for {each:N0} and more; where none was met, fewer than {3e6 / settings.Sample:0.##} of a million are (95%)."],
            Limits = Limit.Of(figures, Runs.SelectMany(run => new (string, string, double?)[] { ("--max-refused", run.Name + Refused, settings.MaxRefused), ("--max-forgotten", run.Name + Forgotten, settings.MaxForgotten) })),
            Charts = [Bars("Refused of a million checks", static run => run.RefusedPerMillion), Bars("Forgotten of a million tokens, if only for a time", static run => run.ForgottenPerMillion)],
        };
    }

    private Chart Bars(string title, Func<PlacementRun, double> height) =>
        new(title, "of a million", [ChartSeries.Of("", Runs.Select(height))]) { HasBars = true, Labels = [.. Runs.Select(static run => run.Name)] };
}
