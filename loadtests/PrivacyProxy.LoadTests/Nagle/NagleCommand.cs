using System.CommandLine;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Nagle;

/// <summary><c>nagle</c>: what one command in three writes costs.</summary>
internal static class NagleCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.Create<NagleSettings>("nagle", "The same checks four ways against a real memcached, histograms side by side.", json, static async (screen, settings, file, _) =>
        {
            var ways = await new NagleScenario(screen, settings.Checks, TimeSpan.FromSeconds(settings.Seconds)).RunAsync();
            screen.Title("One check against a local memcached, four ways to write it\n");
            HistogramChart.Draw(screen, ways);
            screen.Text("");
            screen.Table(["", "checks", "p50", "p90", "p99", "max"], ways.Select(static way => Row(way.Name, way.Latencies.Summarize())));
            var (slow, ours) = (ways[0].Latencies.Summarize().P50, ways[^1].Latencies.Summarize().P50);
            screen.Text($"Three writes with Nagle's algorithm take {Numbers.Count(slow / ours)} times as long as ours: the kernel\nholds the second and third until the first is acknowledged, and the server\ndelays that acknowledgement by 40 ms, for it has nothing to answer yet.");
            await ResultFile.WriteAsync(file, "nagle", settings, ways.Select(static way => new { way.Name, Latencies = way.Latencies.Summarize() }));
            return 0;
        });

    private static string[] Row(string name, LatencySummary latencies) =>
        [name, Numbers.Count(latencies.Count), Numbers.Time(latencies.P50), Numbers.Time(latencies.P90), Numbers.Time(latencies.P99), Numbers.Time(latencies.Max)];
}
