using System.CommandLine;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary><c>checks</c>: how fast a store answers, and what an answer costs.</summary>
internal static class ChecksCommand
{
    public static Command Create(Option<FileInfo?> json)
    {
        var store = new Option<SpentTokenStoreKind>("--store") { Description = "memory, sqlite or memcached.", DefaultValueFactory = _ => SpentTokenStoreKind.Memcached };
        var operation = new Option<CheckOperation?>("--operation") { Description = "spend, lookup or mixed (both in turn). Default: mixed for memcached, otherwise spend." };
        var callers = new Option<int>("--callers") { Description = "Callers that ask again as soon as they are answered.", DefaultValueFactory = _ => 64 };
        var rate = new Option<double?>("--rate") { Description = "Open loop: so many checks per second, answered or not." };
        var seconds = new Option<double>("--seconds") { Description = "How long to measure, after 2 s of warm-up.", DefaultValueFactory = _ => 5 };
        var servers = new Option<string?>("--servers") { Description = "HOST:PORT,... of memcached servers that run. Default: starts its own." };
        var replicas = new Option<int>("--replicas") { Description = "Memcached nodes that remember each token.", DefaultValueFactory = _ => 1 };
        var connections = new Option<int?>("--connections") { Description = "Connections to each memcached node. Default: the proxy's." };
        var sqlite = new Option<FileInfo?>("--sqlite") { Description = "File of the sqlite store. Default: a throw-away one in the temporary directory." };
        var most = new Option<long>("--tokens") { Description = "Ends a closed loop early after so many checks.", DefaultValueFactory = _ => 20_000_000 };
        var probe = new Option<string?>("--probe") { Description = "Path of mcbench: runs it and ours in turn and compares. Without a path: $BENCH_HOME/bin/mcbench.", Arity = ArgumentArity.ZeroOrOne };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of --probe.", DefaultValueFactory = _ => 5 };
        Bounds.Between(callers, 1, 10_000);
        Bounds.Between(seconds, 0.1, 600);
        Bounds.Between(replicas, 1, 16);
        Bounds.Between(most, 1, 500_000_000);
        Bounds.Between(rounds, 1, 100);
        var command = new Command("checks", "Throughput, latency, CPU time and allocations of a store's checks.") { store, operation, callers, rate, seconds, servers, replicas, connections, sqlite, most, probe, rounds };
        command.SetAction((arguments, _) => Scenario.RunAsync(screen =>
        {
            var kind = arguments.GetValue(store);
            var settings = new ChecksSettings(kind, arguments.GetValue(operation) ?? (kind == SpentTokenStoreKind.Memcached ? CheckOperation.Mixed : CheckOperation.Spend), arguments.GetValue(callers), arguments.GetValue(seconds))
            {
                Rate = arguments.GetValue(rate) is { } wanted ? wanted is > 0 and <= 10_000_000 ? wanted : throw new FormatException("--rate: not between 0 and 10,000,000 checks per second.") : null,
                Servers = arguments.GetValue(servers)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
                Replicas = arguments.GetValue(replicas),
                Connections = arguments.GetValue(connections),
                SqliteFile = arguments.GetValue(sqlite)?.FullName,
                MostChecks = arguments.GetValue(most),
                Probe = arguments.GetResult(probe) is null ? null : arguments.GetValue(probe) ?? CProbe.Find() ?? throw new FormatException("--probe: no path given and no $BENCH_HOME/bin/mcbench."),
                Rounds = arguments.GetValue(rounds),
            };
            return settings.Probe is null ? RunAsync(screen, settings, arguments.GetValue(json)) : CompareAsync(screen, settings, arguments.GetValue(json));
        }));
        return command;
    }

    private static async Task<int> RunAsync(LoadScreen screen, ChecksSettings settings, FileInfo? json)
    {
        var result = await new ChecksScenario(screen, settings).RunAsync();
        screen.Title($"{settings.Store}, {settings.Operation}, {(settings.Rate is { } rate ? $"{Numbers.Count(rate)} checks/s asked for" : $"{settings.Callers} callers")}");
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
