using System.CommandLine;
using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary><c>tunnels</c>: how many short tunnels a proxy opens, how soon, and what telemetry costs of that.</summary>
internal static class TunnelsCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.CreateMeasured<TunnelsSettings>("tunnels", "Short CONNECT tunnels through a real proxy: tunnels per second, times, and the proxy's CPU for each.", json, RunAsync);

    private static async Task<Report> RunAsync(LoadScreen screen, TunnelsSettings settings, CancellationToken cancellationToken)
    {
        var result = await new TunnelsScenario(screen, settings).RunAsync(cancellationToken);
        Print(screen, settings, result);
        var report = TunnelsReport.Of(settings, result);
        return !result.WasStopped && result.Void(settings.Compare) is not null ? report with { Limits = [.. report.Limits, new Limit("--compare", "what differs", 0, IsLeast: false, Measured: null)] } : report;
    }

    private static void Print(LoadScreen screen, TunnelsSettings settings, TunnelsResult result)
    {
        var pace = settings.Rate is { } rate ? $"{Numbers.Count(rate)} a second" : $"{settings.Callers} at a time";
        screen.Title($"{result.Peers[0].Rounds.Count} rounds of {Numbers.Count(settings.Tunnels)} tunnels, {pace}, {settings.Way}; medians");
        screen.Table(["", "tunnels/s", "p50", "p99", "per CPU s", "middle half", "CPU us"], result.Peers.Select(static peer => new[]
        {
            peer.Name, Numbers.Count(peer.PerSecond.Median), Numbers.Time(peer.P50), Numbers.Time(peer.P99), Numbers.Count(peer.PerProcessorSecond.Median),
            $"{Numbers.Count(peer.PerProcessorSecond.LowerQuartile)}-{Numbers.Count(peer.PerProcessorSecond.UpperQuartile)}", Numbers.Fixed(peer.ProcessorMicroseconds, 1),
        }));
        if (result.Cost is not { } cost) return;
        screen.Facts(
            ("cost in tunnels per CPU second, median of the rounds", Percent(cost.Median)),
            ("  with 95% confidence", $"{Percent(cost.Least)} to {Percent(cost.Most)}"),
            ("  ratio of the medians", Percent(result.CostOfMedians!.Value)),
            ("compiling in the background, not counted: off, on", $"{Percent(result.Peers[0].CompilerShare)}, {Percent(result.Peers[1].CompilerShare)}"),
            ("CPU time between rounds: off, on", $"{Percent(result.Peers[0].IdleProcessorShare)}, {Percent(result.Peers[1].IdleProcessorShare)}"),
            ("exports the collector got", $"{result.MetricExports} of metrics, {result.TraceExports} of spans"));
    }

    private static string Percent(double share) => Numbers.Fixed(share * 100, 1) + "%";
}
