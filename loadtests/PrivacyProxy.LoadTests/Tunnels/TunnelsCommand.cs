using System.CommandLine;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary><c>tunnels</c>: how many short tunnels a proxy opens, and what telemetry costs of that.</summary>
internal static class TunnelsCommand
{
    /// <summary>The share of tunnels per CPU second that all telemetry together may cost.</summary>
    private const double AllowedCost = 0.05;

    public static Command Create(Option<FileInfo?> json) =>
        Scenario.Create<TunnelsSettings>("tunnels", "Short CONNECT tunnels through real proxies: tunnels per second, and per second of the proxy's CPU time.", json, RunAsync);

    private static async Task<int> RunAsync(LoadScreen screen, TunnelsSettings settings, FileInfo? json, CancellationToken cancellationToken)
    {
        var result = await new TunnelsScenario(screen, settings).RunAsync(cancellationToken);
        Print(screen, settings, result);
        await ResultFile.WriteAsync(json, "tunnels", settings, result);
        if (result.Failed > 0) screen.Text($"{Numbers.Count(result.Failed)} tunnels failed, so the figures mean nothing: {result.Peers.SelectMany(static peer => peer.Rounds).Select(static round => round.Failure).First(static failure => failure is not null)}");
        if (result.Void(settings.Compare) is not { } reason) return result.Failed == 0 ? 0 : 1;
        screen.Text($"Nothing was compared: {reason}");
        return 1;
    }

    private static void Print(LoadScreen screen, TunnelsSettings settings, TunnelsResult result)
    {
        screen.Title($"{settings.Rounds} rounds of {Numbers.Count(settings.Tunnels)} tunnels, {settings.Callers} at a time, {settings.Transport}, {(settings.Tokens ? "tokens" : "preshared key")}; medians");
        screen.Table(["", "tunnels/s", "p50", "p99", "per CPU s", "middle half", "CPU us"], result.Peers.Select(static peer => new[]
        {
            peer.Name, Numbers.Count(peer.PerSecond.Median), Numbers.Time(peer.P50), Numbers.Time(peer.P99), Numbers.Count(peer.PerProcessorSecond.Median),
            $"{Numbers.Count(peer.PerProcessorSecond.LowerQuartile)}-{Numbers.Count(peer.PerProcessorSecond.UpperQuartile)}", Numbers.Fixed(1e6 / peer.PerProcessorSecond.Median, 1),
        }));
        if (result.Cost is { } cost)
        {
            screen.Facts(
                ("cost in tunnels per CPU second, median of the rounds", Percent(cost.Median)),
                ("  with 95% confidence", $"{Percent(cost.Least)} to {Percent(cost.Most)}"),
                ("  ratio of the medians", Percent(result.CostOfMedians!.Value)),
                ("compiling in the background, not counted: off, on", $"{Percent(result.Peers[0].CompilerShare)}, {Percent(result.Peers[1].CompilerShare)}"),
                ("CPU time between rounds: off, on", $"{Percent(result.Peers[0].IdleProcessorShare)}, {Percent(result.Peers[1].IdleProcessorShare)}"),
                ("exports the collector got", $"{result.MetricExports} of metrics, {result.TraceExports} of spans"));
            if (settings.Compare == TelemetryPart.Telemetry) screen.Text($"At most {Percent(AllowedCost)} is asked for: {(cost.Median <= AllowedCost ? "met" : "missed")}.");
        }

        screen.Text($"load average now: {MachineDescription.Read().LoadAverage}");
    }

    private static string Percent(double share) => Numbers.Fixed(share * 100, 1) + "%";
}
