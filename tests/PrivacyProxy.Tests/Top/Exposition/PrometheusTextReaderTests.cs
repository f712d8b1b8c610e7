using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Prometheus;
using PrivacyProxy.Commands.Top.Exposition;

namespace PrivacyProxy.Tests.Top.Exposition;

public sealed class PrometheusTextReaderTests
{
    [Theory]
    [InlineData("a 1", "a{}=1")]
    [InlineData("  a_b:c9\t+2.5e-3 ", "a_b:c9{}=0.0025")]
    [InlineData("a{} 1\r", "a{}=1")]
    [InlineData("a{x=\"1\",y=\"2\"} 3 1700000000000", "a{x=1,y=2}=3")]
    [InlineData("a { y = \"2\" , x = \"1\" , } -3", "a{x=1,y=2}=-3")]
    [InlineData("a{x=\"} 7 # \\\" \\\\ \\n\"} 3", "a{x=} 7 # \" \\ \n}=3")]
    [InlineData("a{x=\"\"} NaN", "a{x=}=NaN")]
    [InlineData("a +Inf", "a{}=Infinity")]
    [InlineData("a inf", "a{}=Infinity")]
    [InlineData("a -INF", "a{}=-Infinity")]
    [InlineData("a_bucket{le=\"0.1\"} 8 # {trace_id=\"abc\"} 0.09 1700000000.5", "a_bucket{le=0.1}=8")]
    public void A_sample_is_read(string line, string expected)
    {
        var text = PrometheusTextReader.Read("# HELP a b\n# TYPE a counter\n\n" + line + "\n# EOF\n");
        Assert.Equal(0, text.MalformedLines);
        Assert.Equal(expected, Text(Assert.Single(text.Samples)));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a one")]
    [InlineData("a 1 2 3")]
    [InlineData("a 1 x")]
    [InlineData("a 1e999")]
    [InlineData("a 1,000")]
    [InlineData("a{ 1")]
    [InlineData("a{x} 1")]
    [InlineData("a{x=1} 1")]
    [InlineData("a{x=\"1} 1")]
    [InlineData("a{x=\"1\\\"} 1")]
    [InlineData("a{x=\"\\t\"} 1")]
    [InlineData("a{x=\"1\" y=\"2\"} 1")]
    [InlineData("a{x=\"1\",x=\"2\"} 1")]
    [InlineData("a{1x=\"1\"} 1")]
    [InlineData("1a 1")]
    [InlineData("<html>")]
    [InlineData("{\"a\"} 1")]
    public void A_malformed_line_is_counted_and_costs_only_itself(string line)
    {
        var text = PrometheusTextReader.Read($"before 1\n{line}\nafter 2");
        Assert.Equal(1, text.MalformedLines);
        Assert.Equal(["before", "after"], text.Samples.Select(static sample => sample.Name));
    }

    [Fact]
    public void Families_that_were_not_asked_for_are_left_out_whatever_their_lines_hold()
    {
        var text = PrometheusTextReader.Read("ours_a 1\ntheirs{x=\"y\"} nonsense\nours_b 2\n", "ours_");
        Assert.Equal(["ours_a", "ours_b"], text.Samples.Select(static sample => sample.Name));
        Assert.Equal(0, text.MalformedLines);
    }

    [Fact]
    public void Labels_are_the_same_in_any_order()
    {
        var samples = PrometheusTextReader.Read("a{x=\"1\",y=\"2\"} 1\na{y=\"2\",x=\"1\"} 1\na{y=\"1\",x=\"2\"} 1").Samples;
        Assert.Equal(samples[0], samples[1]);
        Assert.NotEqual(samples[0].Labels, samples[2].Labels);
    }

    [Property]
    public Property What_a_scrape_writes_of_any_labels_and_values_reads_back() =>
        Prop.ForAll<(NonNull<string> Label, double Value)[], bool>((series, openMetrics) =>
        {
            var registry = Metrics.NewCustomRegistry();
            var family = Metrics.WithCustomRegistry(registry).CreateGauge("gauge", "", "label", "other");
            // A lone surrogate is no text, and writes as a replacement.
            var expected = series.Select(static one => (Label: Valid(one.Label.Get), one.Value)).GroupBy(static one => one.Label, StringComparer.Ordinal).ToDictionary(static same => same.Key, static same => same.Last().Value, StringComparer.Ordinal);
            foreach (var (label, value) in expected) family.WithLabels(label, "o").Set(value);
            var text = PrometheusTextReader.Read(Write(registry, openMetrics));
            var read = text.Samples.ToDictionary(static sample => sample.Labels["label"], static sample => sample.Value, StringComparer.Ordinal);
            return text.MalformedLines == 0 && read.Count == expected.Count && expected.All(one => read[one.Key].Equals(one.Value));
        });

    [Property]
    public Property Any_text_at_all_is_read_without_an_exception()
    {
        var lines = Gen.Elements("a", "{", "}", "\"", "\\", "=", ",", " ", "\n", "1", "NaN", "#", "le").ArrayOf().Select(string.Concat);
        return Prop.ForAll(lines.ToArbitrary(), static text => PrometheusTextReader.Read(text).MalformedLines >= 0);
    }

    private static string Valid(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Write(CollectorRegistry registry, bool openMetrics)
    {
        using var output = new MemoryStream();
        // On a stream in memory nothing is waited for.
        registry.CollectAndExportAsTextAsync(output, openMetrics ? ExpositionFormat.OpenMetricsText : ExpositionFormat.PrometheusText).GetAwaiter().GetResult();
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static string Text(MetricSample sample) => string.Create(CultureInfo.InvariantCulture, $"{sample.Name}{sample.Labels}={sample.Value}");
}
