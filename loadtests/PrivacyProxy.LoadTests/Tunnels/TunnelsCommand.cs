using System.CommandLine;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary><c>tunnels</c>: how many short tunnels a proxy opens, and what telemetry costs of that.</summary>
internal static class TunnelsCommand
{
    /// <summary>The share of tunnels per CPU second that all telemetry together may cost.</summary>
    private const double AllowedCost = 0.05;

    public static Command Create(Option<FileInfo?> json)
    {
        var tunnels = new Option<int>("--tunnels") { Description = "Tunnels in each round.", DefaultValueFactory = static _ => 300 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds. Many short ones in turn see less of a busy machine's drift.", DefaultValueFactory = static _ => 120 };
        var warmUp = new Option<int>("--warm-up") { Description = "Tunnels before the first round.", DefaultValueFactory = static _ => 20_000 };
        var callers = new Option<int>("--callers") { Description = "Tunnels at a time.", DefaultValueFactory = static _ => 32 };
        var seconds = new Option<double>("--seconds") { Description = "The longest that a round may take.", DefaultValueFactory = static _ => 60 };
        var tls = new Option<bool>("--tls") { Description = "A TLS connection for each tunnel, instead of a cleartext one." };
        var tokens = new Option<bool>("--tokens") { Description = "Pay each tunnel with a token (type 2, issued before), instead of a preshared key." };
        var compare = new Option<TelemetryPart?>("--compare") { Description = "Run a second proxy with so much telemetry on, the first with none: telemetry (all), metrics, traces, or nothing (what the method itself sees)." };
        Bounds.Between(tunnels, 10, 1_000_000);
        Bounds.Between(rounds, 1, 1_000);
        Bounds.Between(warmUp, TunnelsSettings.WarmUpPasses, 1_000_000);
        Bounds.Between(callers, 1, 10_000);
        Bounds.Between(seconds, 1, 600);
        var command = new Command("tunnels", "Short CONNECT tunnels through real proxies: tunnels per second, and per second of the proxy's CPU time.") { tunnels, rounds, warmUp, callers, seconds, tls, tokens, compare };
        command.SetAction((arguments, cancellationToken) => Scenario.RunAsync(screen => RunAsync(
            screen,
            new TunnelsSettings(arguments.GetValue(tunnels), arguments.GetValue(rounds), arguments.GetValue(callers), TimeSpan.FromSeconds(arguments.GetValue(seconds)))
            {
                WarmUpTunnels = arguments.GetValue(warmUp),
                Transport = arguments.GetValue(tls) ? TunnelTransport.Tls : TunnelTransport.Http1,
                Tokens = arguments.GetValue(tokens),
                Compare = arguments.GetValue(compare),
            },
            arguments.GetValue(json),
            cancellationToken)));
        return command;
    }

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
