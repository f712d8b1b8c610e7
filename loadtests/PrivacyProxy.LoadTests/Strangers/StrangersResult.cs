using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Reports;

namespace PrivacyProxy.LoadTests.Strangers;

/// <summary>What a run of <c>strangers</c> found.</summary>
/// <param name="Rounds">Without strangers and with them in turn.</param>
/// <param name="Connected">Connections of strangers in all.</param>
internal sealed record StrangersResult(IReadOnlyList<StrangersRound> Rounds, long Connected)
{
    private const string Ratio = "p99 with strangers, times that without";

    public FailureCount Failures => FailureCount.Of("Good tunnels", [.. Rounds.Select(static round => (round.Failed, round.Failure))]);

    public double P99(bool hasStrangers) => Median(hasStrangers, static round => round.Answer.P99 / 1e3);

    public Report ToReport(StrangersSettings settings)
    {
        Figure[] figures =
        [
            new("p50 without strangers", Median(false, static round => round.Answer.P50 / 1e3), "ms", Better.Lower),
            new("p50 with strangers", Median(true, static round => round.Answer.P50 / 1e3), "ms", Better.Lower),
            new("p99 without strangers", P99(false), "ms", Better.Lower),
            new("p99 with strangers", P99(true), "ms", Better.Lower),
            new(Ratio, P99(true) / P99(false), "", Better.Lower),
            new("p99 since due without strangers", Median(false, static round => round.SinceDue.P99 / 1e3), "ms"),
            new("p99 since due with strangers", Median(true, static round => round.SinceDue.P99 / 1e3), "ms"),
            new(settings.Kind == StrangerKind.Slowloris ? "strangers at the end of a round" : "heads of strangers a second", Median(true, static round => round.Strangers)),
            new("connections of strangers in all", Connected),
            Failures.Figure,
        ];
        return Report.Of("strangers", settings, figures, this) with
        {
            Notes = Failures.Notes,
            Limits = Limit.Of(figures, ("--max-ratio", Ratio, settings.MaxRatio), Failures.LimitOf(settings.MaxErrors)),
            Charts = [new Chart("p99 of good tunnels, by round", "ms", [Series("without strangers", false), Series("with strangers", true)]) { HasBars = true, Labels = [.. Enumerable.Range(1, Rounds.Count / 2).Select(static round => $"{round}")] }],
        };
    }

    private double Median(bool hasStrangers, Func<StrangersRound, double> figure) => Spread.Of(Rounds.Where(round => round.HasStrangers == hasStrangers).Select(figure)).Median;

    private ChartSeries Series(string name, bool hasStrangers) => ChartSeries.Of(name, Rounds.Where(round => round.HasStrangers == hasStrangers).Select(static round => round.Answer.P99 / 1e3));
}
