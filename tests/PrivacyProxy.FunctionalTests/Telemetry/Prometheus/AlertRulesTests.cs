using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Telemetry.Prometheus;

/// <summary>deploy/prometheus, by Prometheus' own tool. That the metrics exist is proved in <see cref="EndToEnd.DeployedMetricsTests"/>.</summary>
public sealed class AlertRulesTests
{
    private static string Folder => Path.Combine(Product.RepositoryRoot!, "deploy", "prometheus");

    [Fact]
    public async Task The_attester_is_scraped_under_the_name_that_its_alerts_ask_for()
    {
        var scraped = Regex.Match(await File.ReadAllTextAsync(Path.Combine(Folder, "attester", "prometheus.yml")), @"job_name: (\S+)").Groups[1].Value;
        Assert.All(Regex.Matches(await File.ReadAllTextAsync(Path.Combine(Folder, "attester", "rules.yml")), @"job=""([^""]+)""").Select(static match => match.Groups[1].Value), job => Assert.Equal(scraped, job));
    }

    [SkippableTheory]
    [InlineData("check", "rules", "rules.yml")]
    [InlineData("test", "rules", "rules_test.yml")]
    [InlineData("check", "config", "prometheus.yml")]
    [InlineData("check", "rules", "attester/rules.yml")]
    [InlineData("test", "rules", "attester/rules_test.yml")]
    [InlineData("check", "config", "attester/prometheus.yml")]
    public Task The_rules_are_valid_and_fire_when_they_should_and_only_then(string verb, string what, string file) =>
        Promtool.AcceptsAsync([verb, what, Path.Combine(Folder, file)]);

    [Theory]
    [InlineData("")]
    [InlineData("attester")]
    public async Task Every_alert_has_a_case_says_what_to_do_and_leads_to_a_runbook_of_its_own(string folder)
    {
        var rules = await File.ReadAllTextAsync(Path.Combine(Folder, folder, "rules.yml"));
        var cases = await File.ReadAllTextAsync(Path.Combine(Folder, folder, "rules_test.yml"));
        var runbooks = await File.ReadAllTextAsync(Path.Combine(Product.RepositoryRoot!, "docs", "operations.md"));
        var alerts = rules.Split("- alert: ")[1..];
        Assert.NotEmpty(alerts);
        Assert.All(alerts, alert =>
        {
            var name = alert[..alert.IndexOf('\n', StringComparison.Ordinal)];
            Assert.Matches($@"\{{ eval_time: \w+, alertname: {name} \}}", cases);
            Assert.Matches($@"alertname: {name}\n\s+exp_alerts:", cases);
            Assert.Matches("severity: (page|ticket)", alert);
            Assert.Contains("summary: ", alert, StringComparison.Ordinal);
            Assert.Contains("description: ", alert, StringComparison.Ordinal);
            Assert.Equal($"docs/operations.md#{name.ToLowerInvariant()}", Regex.Match(alert, @"runbook: (\S+)").Groups[1].Value);
            // What to do begins with how urgent it is, as the label says.
            Assert.Matches($@"\n### {name}\n\*{(alert.Contains("severity: page", StringComparison.Ordinal) ? "Page" : "Ticket")}\.\* \S", runbooks);
        });
    }
}
