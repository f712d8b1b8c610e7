using PrivacyProxy.LoadTests.Rivals;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>The comparison with others: the table's arithmetic, and a small run against what is installed.</summary>
public sealed class RivalsTests
{
    private static readonly RivalWork _tunnels = RivalWork.All.Single(static work => work.Name == "tunnels");

    [Fact]
    public void Ratios_are_of_costs_in_the_same_round_and_against_the_cheapest_rival()
    {
        // The machine was twice as slow in the second round, and a third one failed.
        var result = Of(Run("native", 1, 1), Run("native", 2, 2.4), Run("native", 3, 9, failed: 1), Run("haproxy", 1, 1), Run("haproxy", 2, 2), Run("haproxy", 3, 1), Run("squid", 1, 4), Run("squid", 2, 4));
        Assert.Equal("haproxy", result.BestRival(_tunnels));
        Assert.Equal(1.1, result.Ratio(_tunnels, "native", "haproxy")!.Value, 6);
        var table = RivalsTable.Render(result);
        Assert.Contains("| HTTP/1.1 plain, tunnels, s/10k | 1.70 | 1.00 | 4.00 |  | 1.10 (haproxy) | 1.05 of haproxy: **missed** (1.10) |", table, StringComparison.Ordinal);
        var report = result.ToReport(new RivalsSettings());
        Assert.Contains(report.Notes, static note => note.StartsWith("Left out: 1 runs of native at tunnels with 1 errors (why)", StringComparison.Ordinal));
        Assert.Equal("errors of ours", Assert.Single(report.Missed).Figure);
    }

    [Fact]
    public void A_rival_that_did_not_run_is_named_and_nothing_is_said_to_be_met()
    {
        var result = Of(Run("native", 1, 1)) with { Skipped = new Dictionary<string, string> { ["haproxy"] = "not installed" } };
        Assert.Null(result.BestRival(_tunnels));
        Assert.Contains("1.05 of haproxy: not measured", RivalsTable.Render(result), StringComparison.Ordinal);
        Assert.Contains("Skipped: haproxy, not installed.", result.ToReport(new RivalsSettings()).Notes);
    }

    [SkippableFact]
    public async Task Ours_with_tokens_and_others_that_are_installed_are_measured_in_turn()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        string[] wanted = ["haproxy", "node", "nghttpx", "squid"];
        var installed = wanted.Where(static name => RivalProcess.Missing(name, new RivalsSettings()) is null).ToList();
        Skip.If(installed.Count == 0, "none of haproxy, node, nghttpx and squid is installed");
        var settings = new RivalsSettings { Only = ["native", .. installed], Rounds = 1, Scale = 0.01, Idle = 20, Settle = 0, Work = ["tunnels", "h2-up", "idle"] };
        await using var output = new StringWriter();
        var result = await new RivalsScenario(new LoadScreen(output, output, isPlain: true, isInteractive: false), settings).RunAsync(CancellationToken.None);
        Assert.True(result.Runs.All(static run => run.Failed == 0), string.Join('\n', result.Runs.Where(static run => run.Failed > 0)));
        Assert.Equal(3 + 1, result.Runs.Count(static run => run.Rival == "native"));
        Assert.All(installed, name => Assert.Contains(result.Runs, run => run.Rival == name));
        Assert.All(result.Runs.Where(static run => !run.Work.StartsWith("idle", StringComparison.Ordinal)), static run => Assert.True(run.Cost > 0 && run.Speed > 0, run.ToString()));
    }

    [SkippableFact]
    public async Task The_script_prints_the_table()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        var result = await ChildProcess.RunAsync("bash", [Path.Combine(Product.RepositoryRoot, "loadtests", "compare.sh"), "--no-build", "--only", "native,h2o", "--h2o", "/bin/sh/none", "--work", "tunnels"]);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("--h2o is ", result.Errors, StringComparison.Ordinal);
        result = await ChildProcess.RunAsync("bash", [Path.Combine(Product.RepositoryRoot, "loadtests", "compare.sh"), "--no-build", "--only", "native,h2o", "--work", "tunnels", "--rounds", "1", "--scale", "0.01", "--idle", "0"], new Dictionary<string, string> { ["H2O"] = "" });
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Contains("skipped: h2o, no --h2o and no variable H2O", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"\| HTTP/1\.1 plain, tunnels, s/10k \| \d", result.Output);
    }

    private static RivalRun Run(string name, int round, double cost, int failed = 0) => new("tunnels", name, round, cost, 1_000, 1, 2, failed, failed > 0 ? "why" : null);

    private static RivalsResult Of(params RivalRun[] runs) => new([_tunnels], [.. runs.Select(static run => run.Rival).Distinct()], new Dictionary<string, string>(), runs, 3);
}
