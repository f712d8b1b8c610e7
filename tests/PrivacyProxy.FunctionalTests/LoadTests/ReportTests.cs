using System.Text.RegularExpressions;
using System.Xml.Linq;
using PrivacyProxy.LoadTests.Bulk;
using PrivacyProxy.LoadTests.Comparing;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Reports;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>What runs leave behind: JSON, a page, comparisons.</summary>
public sealed partial class ReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_report_is_read_back_from_JSON_as_it_was_written()
    {
        var report = Example(1.5);
        var read = await ReportFile.ReadAsync(await WriteAsync("a.json", report));
        Assert.Equal(report.Figures, read.Figures);
        Assert.Equal(report.Limits, read.Limits);
        Assert.Equal(report.Notes, read.Notes);
        Assert.Equal(report.Machine, read.Machine);
        Assert.Equal(report.Charts.Select(static chart => (chart.Title, chart.Series[0].Points.Count)), read.Charts.Select(static chart => (chart.Title, chart.Series[0].Points.Count)));
        Assert.True(System.Text.Json.JsonElement.DeepEquals(report.Settings, read.Settings));
        Assert.True(read.WasStopped);
        Assert.Equal("--max-cpu-per-gb", Assert.Single(read.Missed).Flag);
    }

    [Fact]
    public async Task A_preshared_key_is_in_no_report()
    {
        var report = Report.Of("bulk", new BulkSettings { Proxy = new Uri("http://127.0.0.1:1"), Psk = "a-secret" }, [], new { });
        Assert.DoesNotContain("a-secret", await File.ReadAllTextAsync((await WriteAsync("a.json", report)).FullName), StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret", ReportPage.Render(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_needs_nothing_else_and_shows_charts_and_what_was_missed()
    {
        var page = ReportPage.Render(Example(1.5));
        Assert.DoesNotMatch(Loading(), page);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
        var charts = Svg().Matches(page).Select(static match => XElement.Parse(match.Value)).ToList();
        Assert.Equal(2, charts.Count);
        Assert.Contains(charts, static chart => chart.Descendants("polyline").Any(static line => line.Attribute("points")!.Value.Split(' ').Length == 3));
        Assert.Contains(charts, static chart => chart.Descendants("title").Any(static title => title.Value == "down, 2: 7 GB/s"));
        Assert.Contains("class=\"missed\">1.2: down: CPU per GB is 1.5, missed", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.5, 1.5, 0.0, 0)]
    [InlineData(1.5, 1.6, 0.1, 0)]
    [InlineData(1.5, 1.7, 0.1, 1)]
    [InlineData(1.5, 1.2, 0.1, 0)]
    [InlineData(1.5, 99.0, null, 0)]
    [InlineData(0.0, 0.1, 0.5, 1)]
    public async Task Two_runs_are_compared_and_worse_than_tolerated_fails(double before, double after, double? tolerance, int expected)
    {
        await using var output = new StringWriter();
        var code = await CompareCommand.RunAsync(Screen(output), await WriteAsync("a.json", Example(before)), await WriteAsync("b.json", Example(after)), tolerance);
        Assert.Equal(expected, code);
        Assert.Equal(expected == 1, output.ToString().Contains("Worse by more than", StringComparison.Ordinal));
        if (before == 1.5) Assert.Contains(FormattableString.Invariant($"{after / before:F2}"), output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_figure_that_went_down_is_worse_where_more_is_better_and_one_that_is_gone_always()
    {
        var before = Example(1) with { Figures = [new("rate", 10, "", Better.Higher), new("count", 5), new("gone", 1, "", Better.Lower)] };
        var after = Example(1) with { Figures = [new("rate", 8, "", Better.Higher), new("count", 9)] };
        Assert.Equal(["rate", "gone"], FigureRatio.Of(before, after).Where(static ratio => ratio.IsWorse(0.1)).Select(static ratio => ratio.Name));
        Assert.Equal(["gone"], FigureRatio.Of(before, after).Where(static ratio => ratio.IsWorse(0.3)).Select(static ratio => ratio.Name));
        await using var output = new StringWriter();
        Assert.Equal(1, await CompareCommand.RunAsync(Screen(output), await WriteAsync("a.json", before), await WriteAsync("b.json", after), 0.1));
        Assert.Contains("rate, gone.", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_of_scenarios_without_figures_are_compared_number_by_number()
    {
        var files = new[] { new FileInfo(Path.Combine(_folder, "a.json")), new FileInfo(Path.Combine(_folder, "b.json")) };
        for (var i = 0; i < 2; i++) await ResultFile.WriteAsync(files[i], "udp", new { }, new { lost = 4 * (i + 1), ways = new[] { new { p50 = 2.5 } } });
        await using var output = new StringWriter();
        Assert.Equal(0, await CompareCommand.RunAsync(Screen(output), files[0], files[1], 0.1));
        Assert.Matches(@"lost +4 +8 +2\.00", output.ToString());
        Assert.Matches(@"ways\[0\]\.p50 +2\.5 +2\.5 +1\.00", output.ToString());
    }

    [Fact]
    public async Task What_cannot_be_compared_is_told()
    {
        var report = await WriteAsync("a.json", Example(1));
        var other = await WriteAsync("b.json", Example(1) with { Scenario = "soak" });
        var none = new FileInfo(Path.Combine(_folder, "c.json"));
        await File.WriteAllTextAsync(none.FullName, "[1, 2");
        await Assert.ThrowsAsync<FormatException>(() => CompareCommand.RunAsync(Screen(TextWriter.Null), report, other, null));
        await Assert.ThrowsAsync<FormatException>(() => CompareCommand.RunAsync(Screen(TextWriter.Null), report, none, null));
        await Assert.ThrowsAnyAsync<IOException>(() => CompareCommand.RunAsync(Screen(TextWriter.Null), report, new FileInfo(Path.Combine(_folder, "d.json")), null));
    }

    private static LoadScreen Screen(TextWriter output) => new(output, output, isPlain: true, isInteractive: false);

    private async Task<FileInfo> WriteAsync(string name, Report report)
    {
        var file = new FileInfo(Path.Combine(_folder, name));
        await ReportFile.WriteAsync(file, report);
        return file;
    }

    private static Report Example(double cost)
    {
        Figure[] figures = [new("down: CPU per GB", cost, "s", Better.Lower), new("errors", 0, "", Better.Lower)];
        return Report.Of("bulk", new BulkSettings { Pay = Payment.None }, figures, new { rounds = new[] { 1, 2 } }) with
        {
            WasStopped = true,
            Notes = ["a <script> and \"quotes\" & more"],
            Limits = Limit.Of(figures, ("--max-cpu-per-gb", "down: CPU per GB", 1.2), ("--max-errors", "errors", 0)),
            Charts =
            [
                new Chart("memory <b>", "MB", [new ChartSeries("resident", [new(0, 1), new(1, 5), new(2, 3), new(3, double.NaN)])]) { Along = "s" },
                new Chart("rate", "GB/s", [ChartSeries.Of("down", [3, 7]), ChartSeries.Of("up", [2, 4])]) { HasBars = true, Labels = ["1", "2"] },
            ],
        };
    }

    [GeneratedRegex("(?:src|href)=|url\\(|@import|https?://", RegexOptions.IgnoreCase)]
    private static partial Regex Loading();

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();
}
