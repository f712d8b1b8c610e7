using PrivacyProxy.LoadTests.Reports;

namespace PrivacyProxy.LoadTests.Issue;

/// <summary>What a run of <c>issue</c> found.</summary>
/// <param name="Types">In the order they were asked for.</param>
internal sealed record IssueResult(IReadOnlyList<IssuedType> Types)
{
    /// <summary>Whether types are missing.</summary>
    public bool WasStopped { get; init; }

    public FailureCount Failures => FailureCount.Of("Requests", [.. Types.Select(static type => (type.Failed, type.Failure))]);

    public Report ToReport(IssueSettings settings)
    {
        List<Figure> figures = [.. Types.SelectMany(Figures), Failures.Figure];
        return Report.Of("issue", settings, figures, this) with
        {
            WasStopped = WasStopped,
            Notes = Failures.Notes,
            Limits = Limit.Of(figures,
            [
                .. settings.Types.Select(type => ("--min-rate", $"type {type}: tokens/s", settings.MinRate)),
                .. settings.Types.Select(type => ("--max-p99", $"type {type}: p99", settings.MaxP99)),
                Failures.LimitOf(settings.MaxErrors),
            ]),
            Charts =
            [
                LatencyChart.Of("Time to the answer, by share of the requests", Types.Select(static type => ($"type {type.Type}", type.Latencies))),
                new Chart("Tokens a second", "tokens/s", [ChartSeries.Of("issued", Types.Select(static type => type.PerSecond))]) { HasBars = true, Labels = [.. Types.Select(static type => $"type {type.Type}")] },
            ],
        };
    }

    private static IEnumerable<Figure> Figures(IssuedType type)
    {
        var name = $"type {type.Type}: ";
        yield return new(name + "tokens/s", type.PerSecond, "", Better.Higher);
        yield return new(name + "p50", type.Answer.P50 / 1e3, "ms", Better.Lower);
        yield return new(name + "p99", type.Answer.P99 / 1e3, "ms", Better.Lower);
        if (type.ProcessorMicroseconds is { } cost) yield return new(name + "CPU per token", cost, "us", Better.Lower);
    }
}
