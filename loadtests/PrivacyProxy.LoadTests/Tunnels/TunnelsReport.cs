using PrivacyProxy.LoadTests.Reports;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>What a run of <c>tunnels</c> says.</summary>
internal static class TunnelsReport
{
    private const string P99 = "p99";
    private const string PerSecond = "tunnels/s";
    private const string Processor = "CPU per tunnel";
    private const string Errors = "errors";
    private const string Cost = "cost of the telemetry";

    /// <summary>The share of tunnels per CPU second that all telemetry together may cost.</summary>
    private const double AllowedCost = 0.05;

    public static Report Of(TunnelsSettings settings, TunnelsResult result)
    {
        var figures = result.Peers.SelectMany(peer => Figures(peer, result.Peers.Count > 1 ? peer.Name + ": " : "")).Append(new Figure(Errors, result.Failed, "", Better.Lower)).ToList();
        if (result.Cost is { } cost) figures.Add(new Figure(Cost, cost.Median * 100, "%", Better.Lower));
        // With two proxies the limits are on the second.
        var measured = result.Peers.Count > 1 ? result.Peers[^1].Name + ": " : "";
        return Report.Of("tunnels", settings, figures, result) with
        {
            WasStopped = result.WasStopped,
            Notes = [.. Notes(settings, result)],
            Limits = Limit.Of(figures,
                ("--max-p99", measured + P99, settings.MaxP99), ("--min-rate", measured + PerSecond, settings.MinRate), ("--max-cpu", measured + Processor, settings.MaxCpu),
                ("--max-errors", Errors, settings.MaxErrors), ("(the telemetry's)", Cost, settings.Compare == TelemetryPart.Telemetry ? AllowedCost * 100 : null)),
            Charts =
            [
                LatencyChart.Of(settings.Rate is null ? "Time to the answer, by share of the tunnels" : "Time from when it was due to the answer, by share of the tunnels", result.Peers.Select(static peer => (peer.Name, peer.Latencies))),
                new Chart("Tunnels a second, by round", "tunnels/s", [.. result.Peers.Select(static peer => ChartSeries.Of(peer.Name, peer.Rounds.Select(static round => round.PerSecond)))]) { Along = "round" },
                .. result.Peers.Any(static peer => peer.HasProcessorTime)
                    ? [new Chart("CPU of the proxy for a tunnel, by round", "us", [.. result.Peers.Select(static peer => ChartSeries.Of(peer.Name, peer.Rounds.Select(static round => 1e6 / round.PerProcessorSecond)))]) { Along = "round" }]
                    : Array.Empty<Chart>(),
            ],
        };
    }

    private static IEnumerable<Figure> Figures(TunnelPeerResult peer, string name)
    {
        yield return new(name + PerSecond, peer.PerSecond.Median, "", Better.Higher);
        yield return new(name + "p50", peer.Latencies.Percentile(0.5).TotalMilliseconds, "ms", Better.Lower);
        yield return new(name + "p90", peer.Latencies.Percentile(0.9).TotalMilliseconds, "ms", Better.Lower);
        yield return new(name + P99, peer.Latencies.Percentile(0.99).TotalMilliseconds, "ms", Better.Lower);
        yield return new(name + "p99.9", peer.Latencies.Percentile(0.999).TotalMilliseconds, "ms", Better.Lower);
        yield return new(name + "longest", peer.Latencies.Max.TotalMilliseconds, "ms", Better.Lower);
        if (peer.HasProcessorTime) yield return new(name + Processor, peer.ProcessorMicroseconds, "us", Better.Lower);
    }

    private static IEnumerable<string> Notes(TunnelsSettings settings, TunnelsResult result)
    {
        if (result.Failed > 0) yield return $"Tunnels failed, so the figures mean little: {result.Peers.SelectMany(static peer => peer.Rounds).Select(static round => round.Failure).First(static failure => failure is not null)}";
        if (!result.WasStopped && result.Void(settings.Compare) is { } reason) yield return $"Nothing was compared: {reason}";
        if (settings.Rate is null) yield break;
        var late = result.Peers.SelectMany(static peer => peer.Rounds).Select(static round => round.Lateness!).ToList();
        yield return FormattableString.Invariant($"Of the times, the load itself was late by {late.Select(static one => one.P50).Order().ElementAt(late.Count / 2) / 1e3:F2} ms (median; p99 {late.Max(static one => one.P99) / 1e3:F2} ms in the worst round): its timer ticks each millisecond, and connections are opened first.");
    }
}
