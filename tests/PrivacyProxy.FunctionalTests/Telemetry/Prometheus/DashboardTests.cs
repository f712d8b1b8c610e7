using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Telemetry.Prometheus;

/// <summary>deploy/grafana: what Grafana would show wrongly or not at all. That the metrics exist is proved in <see cref="EndToEnd.DeployedMetricsTests"/>.</summary>
public abstract class DashboardTests
{
    private const int Columns = 24;

    private readonly JsonNode _dashboard;

    protected DashboardTests(string file) => _dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(Product.RepositoryRoot!, "deploy", "grafana", file)))!;

    protected IReadOnlyList<JsonNode> Charts => [.. Panels.Where(static panel => Text(panel, "type") != "row")];

    private IReadOnlyList<JsonNode> Panels => [.. _dashboard["panels"]!.AsArray().Select(static panel => panel!)];

    private IReadOnlyList<(string Title, string Expression)> Queries =>
        [.. Charts.SelectMany(static panel => panel["targets"]!.AsArray().Select(target => (Text(panel, "title"), Text(target!, "expr"))))];

    [Fact]
    public void It_can_be_imported_anywhere_as_it_names_no_data_source_of_its_own()
    {
        Assert.NotEmpty(Text(_dashboard, "uid"));
        Assert.NotEmpty(Text(_dashboard, "title"));
        Assert.True(_dashboard["schemaVersion"]!.GetValue<int>() >= 36);
        // An id is that of one Grafana's database, and would overwrite what has it elsewhere.
        Assert.Null(_dashboard["id"]);
        var variables = _dashboard["templating"]!["list"]!.AsArray();
        Assert.Equal("prometheus", Text(Assert.Single(variables, static v => Text(v!, "type") == "datasource")!, "query"));
        var sources = Charts.Concat(Charts.SelectMany(static panel => panel["targets"]!.AsArray().Select(static t => t!)))
            .Concat(variables.Where(static v => Text(v!, "type") == "query").Select(static v => v!));
        Assert.All(sources, static node => Assert.Equal("${datasource}", Text(node["datasource"]!, "uid")));
    }

    [Fact]
    public void Panels_have_ids_of_their_own_and_share_no_place()
    {
        Assert.Equal(Panels.Count, Panels.Select(static panel => panel["id"]!.GetValue<int>()).Distinct().Count());
        var taken = new Dictionary<(int, int), string>();
        foreach (var panel in Panels)
        {
            var (x, y, w, h) = (Place(panel, "x"), Place(panel, "y"), Place(panel, "w"), Place(panel, "h"));
            Assert.True(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= Columns, Text(panel, "title"));
            for (var row = y; row < y + h; row++)
                for (var column = x; column < x + w; column++)
                    Assert.True(taken.TryAdd((column, row), Text(panel, "title")), $"'{Text(panel, "title")}' lies over '{taken.GetValueOrDefault((column, row))}'");
        }

        // Grafana moves panels up into gaps: every line of the grid is full.
        Assert.Equal(Columns * (taken.Keys.Max(static cell => cell.Item2) + 1), taken.Count);
    }

    [Fact]
    public void Every_panel_says_what_it_shows_and_in_which_unit() => Assert.All(Charts, static panel =>
    {
        Assert.NotEmpty(Text(panel, "title"));
        Assert.True(Text(panel, "description").Length > 20, Text(panel, "title"));
        Assert.NotEmpty(Text(panel["fieldConfig"]!["defaults"]!, "unit"));
        var targets = panel["targets"]!.AsArray();
        Assert.NotEmpty(targets);
        Assert.Equal(targets.Count, targets.Select(static target => Text(target!, "refId")).Distinct(StringComparer.Ordinal).Count());
    });

    [Fact]
    public void Queries_use_no_variable_that_the_dashboard_lacks()
    {
        var known = _dashboard["templating"]!["list"]!.AsArray().Select(static v => Text(v!, "name")).Append("__rate_interval").ToHashSet(StringComparer.Ordinal);
        Assert.All(Queries.SelectMany(static query => Regex.Matches(query.Expression, @"\$\{?(\w+)").Select(static match => match.Groups[1].Value)), name => Assert.Contains(name, known));
    }

    [SkippableFact]
    public async Task Every_query_is_PromQL()
    {
        Assert.NotEmpty(Queries);
        var rules = Queries.Select(static (query, i) => new { record = $"dashboard:panel:query{i}", expr = Substituted(query.Expression) });
        using var directory = new TemporaryDirectory();
        // YAML takes JSON.
        await File.WriteAllTextAsync(directory.File("queries.yml"), JsonSerializer.Serialize(new { groups = new[] { new { name = "dashboard", rules } } }));
        await Promtool.AcceptsAsync(["check", "rules", directory.File("queries.yml")]);
    }

    protected static string Text(JsonNode node, string field) => node[field]?.GetValue<string>() ?? "";

    private static string Substituted(string expression) =>
        Regex.Replace(expression.Replace("$__rate_interval", "1m", StringComparison.Ordinal), @"\$\{?\w+\}?", "anything");

    private static int Place(JsonNode panel, string field) => panel["gridPos"]![field]!.GetValue<int>();
}

public sealed class ProxyDashboardTests() : DashboardTests("privacy-proxy.json")
{
    [Fact]
    public void The_stall_can_be_seen_by_duration_by_node_and_by_exemplar()
    {
        var map = Assert.Single(Charts, static panel => Text(panel, "type") == "heatmap")["targets"]!.AsArray().Single()!;
        Assert.Contains("privacy_proxy_double_spend_check_seconds_bucket", Text(map, "expr"), StringComparison.Ordinal);
        Assert.Contains("sum by (le)", Text(map, "expr"), StringComparison.Ordinal);
        Assert.Equal("heatmap", Text(map, "format"));
        var exemplars = Charts.SelectMany(static panel => panel["targets"]!.AsArray()).Where(static target => target!["exemplar"]?.GetValue<bool>() == true)
            .Select(static target => Text(target!, "expr")).ToList();
        foreach (var metric in (string[])["double_spend_check_seconds", "connect_latency_seconds", "first_byte_latency_seconds"])
            Assert.Contains(exemplars, expression => expression.Contains(metric, StringComparison.Ordinal));
    }
}

public sealed class AttesterDashboardTests() : DashboardTests("privacy-attester.json");
