using System.CommandLine;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Scrapes;

/// <summary><c>scrape</c>: how long <c>/metrics</c> takes to answer with everything live.</summary>
internal static class ScrapeCommand
{
    /// <summary>The median answer's limit, microseconds.</summary>
    private const double Allowed = 5_000;

    public static Command Create(Option<FileInfo?> json) =>
        Scenario.Create<ScrapeSettings>("scrape", "How long /metrics of a proxy takes that has three store nodes, all telemetry on, and was used.", json, RunAsync);

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
