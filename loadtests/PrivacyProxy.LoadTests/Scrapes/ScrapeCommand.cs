using System.CommandLine;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Scrapes;

/// <summary><c>scrape</c>: how long <c>/metrics</c> takes to answer with everything live.</summary>
internal static class ScrapeCommand
{
    /// <summary>The median answer's limit, microseconds.</summary>
    private const double Allowed = 5_000;

    public static Command Create(Option<FileInfo?> json)
    {
        var tunnels = new Option<int>("--tunnels") { Description = "Tunnels opened before, each with a token.", DefaultValueFactory = static _ => 5_000 };
        var scrapes = new Option<int>("--scrapes") { Description = "Scrapes of each format.", DefaultValueFactory = static _ => 200 };
        Bounds.Between(tunnels, 1, 1_000_000);
        Bounds.Between(scrapes, 1, 100_000);
        var command = new Command("scrape", "How long /metrics of a proxy takes that has three store nodes, all telemetry on, and was used.") { tunnels, scrapes };
        command.SetAction((arguments, cancellationToken) => Scenario.RunAsync(screen => RunAsync(
            screen, new ScrapeSettings(arguments.GetValue(tunnels), arguments.GetValue(scrapes)), arguments.GetValue(json), cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(LoadScreen screen, ScrapeSettings settings, FileInfo? json, CancellationToken cancellationToken)
    {
        var results = await new ScrapeScenario(screen, settings).RunAsync(cancellationToken);
        screen.Title($"{Numbers.Count(settings.Scrapes)} scrapes of each format after {Numbers.Count(settings.Tunnels)} tunnels");
        screen.Table(["", "p50", "p99", "max", "bytes", "samples", "exemplars"], results.Formats.Select(static result => new[]
        {
            result.Format, Numbers.Time(result.Time.P50), Numbers.Time(result.Time.P99), Numbers.Time(result.Time.Max),
            Numbers.Count(result.Bytes), Numbers.Count(result.Samples), Numbers.Count(result.Exemplars),
        }));
        screen.Facts(("CPU of the proxy per scrape", Numbers.Time(results.ProcessorMicroseconds)));
        await ResultFile.WriteAsync(json, "scrape", settings, results);
        if (results.Formats.All(static result => result.Time.P50 < Allowed)) return 0;
        screen.Text($"A median is not under {Numbers.Time(Allowed)}.");
        return 1;
    }
}
