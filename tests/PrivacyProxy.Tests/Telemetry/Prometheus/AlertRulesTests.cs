using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Tests.Telemetry.Prometheus;

/// <summary>deploy/prometheus, by Prometheus' own tool.</summary>
public sealed class AlertRulesTests
{
    private const string Promtool = "/usr/bin/promtool";

    private static string Folder => Path.Combine(RepositoryRoot(), "deploy", "prometheus");

    [SkippableTheory]
    [InlineData("check", "rules", "rules.yml")]
    [InlineData("test", "rules", "rules_test.yml")]
    public async Task The_rules_are_valid_and_fire_when_they_should(params string[] arguments)
    {
        Skip.IfNot(File.Exists(Promtool), "promtool is not installed");
        using var process = Process.Start(new ProcessStartInfo(Promtool, arguments)
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await output + await errors);
    }

    [Fact]
    public async Task Every_metric_that_a_rule_names_exists()
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => { lock (known) known.Add(instrument.Name); } };
        listener.Start();
        using var metrics = new ProxyMetrics();
        using var spentTokens = new SpentTokenMetrics();

        var named = Regex.Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "rules.yml")), "privacy_proxy_[a-z_]+")
            .Select(static match => Regex.Replace(match.Value, "_(bucket|count|sum)$", "")).Distinct().ToList();
        Assert.NotEmpty(named);
        lock (known) Assert.All(named, name => Assert.Contains(name, known));
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "PrivacyProxy.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("PrivacyProxy.sln is in no folder above the tests.");
    }
}
