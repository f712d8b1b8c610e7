using System.CommandLine;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary><c>checks</c>: how fast a store answers, and what an answer costs.</summary>
internal static class ChecksCommand
{
    public static Command Create(Option<FileInfo?> json) =>
        Scenario.Create<ChecksSettings>("checks", "Throughput, latency, CPU time and allocations of a store's checks.", json, static (screen, settings, file, _) =>
            settings.Probe is null ? RunAsync(screen, settings, file) : CompareAsync(screen, settings, file));

    private static async Task<int> RunAsync(LoadScreen screen, ChecksSettings settings, FileInfo? json)
    {
        var result = await new ChecksScenario(screen, settings).RunAsync();
        screen.Title($"{settings.Store}, {settings.Asked}, {(settings.Rate is { } rate ? $"{Numbers.Count(rate)} checks/s asked for" : $"{settings.Callers} callers")}");
        Print(screen, [("", result)]);
        await ResultFile.WriteAsync(json, "checks", settings, result);
        if (result.Unavailable == 0) return 0;
        screen.Text($"{Numbers.Count(result.Unavailable)} checks were not answered \"fresh\", which all should have been.");
        return 1;
    }

    private static async Task<int> CompareAsync(LoadScreen screen, ChecksSettings settings, FileInfo? json)
    {
        var scenario = new ProbeScenario(screen, settings);
        var comparisons = await scenario.RunAsync();
        screen.Title($"Ours and the C probe in turn, {settings.Rounds} rounds, medians");
        screen.Table(["", "ours", "C probe", "ratio", "target", ""], comparisons.Select(static line => new[]
        {
            line.Name, line.Ours >= 1_000 ? Numbers.Count(line.Ours) : Numbers.Fixed(line.Ours, 1), line.Reference >= 1_000 ? Numbers.Count(line.Reference) : Numbers.Fixed(line.Reference, 1),
            Numbers.Fixed(line.Ratio, 2), line.Target, line.IsMet ? "met" : "missed",
        }));
        screen.Title($"Ours with {settings.Callers} callers, round by round");
        Print(screen, scenario.Pipelined.Select(static (result, i) => ($"{i + 1}", result)));
        await ResultFile.WriteAsync(json, "checks", settings, new { comparisons, scenario.Pipelined });
        return 0;
    }

    private static void Print(LoadScreen screen, IEnumerable<(string Name, CheckResult Result)> results) =>
        screen.Table(["", "checks/s", "p50", "p99", "p99.9", "max", "CPU us", "B"], results.Select(static line => new[]
        {
            line.Name, Numbers.Count(line.Result.PerSecond), Numbers.Time(line.Result.Latencies.P50), Numbers.Time(line.Result.Latencies.P99), Numbers.Time(line.Result.Latencies.P999),
            Numbers.Time(line.Result.Latencies.Max), Numbers.Fixed(line.Result.ProcessorMicroseconds, 2), Numbers.Fixed(line.Result.AllocatedBytes, 1),
        }));
}
