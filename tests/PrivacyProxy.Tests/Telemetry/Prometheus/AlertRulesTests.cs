using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using PrivacyProxy.Telemetry;
using PrivacyProxy.Tests.EndToEnd.Harness;

namespace PrivacyProxy.Tests.Telemetry.Prometheus;

/// <summary>deploy/prometheus, by Prometheus' own tool.</summary>
public sealed class AlertRulesTests
{
    private static string Folder => Path.Combine(Product.RepositoryRoot!, "deploy", "prometheus");

    [SkippableTheory]
    [InlineData("check", "rules.yml")]
    [InlineData("test", "rules_test.yml")]
    public Task The_rules_are_valid_and_fire_when_they_should(string command, string file) =>
        Promtool.AcceptsAsync([command, "rules", Path.Combine(Folder, file)]);

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
}
