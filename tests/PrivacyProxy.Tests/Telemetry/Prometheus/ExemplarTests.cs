using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.RegularExpressions;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Tests.Telemetry.Prometheus;

/// <summary>Exemplars against the rules of OpenMetrics 1.0 ("Exemplars").</summary>
public sealed partial class ExemplarTests : IDisposable
{
    private readonly Meter _meter = new("ExemplarTests");
    private readonly MeterListener _listener = new();
    private readonly Histogram<double> _histogram;
    private readonly MetricFamily _family;

    public ExemplarTests()
    {
        _histogram = _meter.CreateHistogram("wait", "s", null, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.04] });
        _family = new MetricFamily(_histogram);
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.EnableMeasurementEvents(_histogram, _family);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void A_bucket_shows_its_newest_measurement_that_has_a_trace()
    {
        var (first, second) = (ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom());
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Record(0.02, first);
        Record(0.03, second);
        Record(0.035, default);
        var exemplar = Assert.Single(Exemplars(openMetrics: true));
        Assert.Equal("0.04", exemplar.Groups["le"].Value);
        Assert.Equal(second.ToHexString(), exemplar.Groups["trace"].Value);
        Assert.Equal("0.03", exemplar.Groups["value"].Value);
        var at = decimal.Parse(exemplar.Groups["at"].Value, CultureInfo.InvariantCulture) * 1000;
        Assert.InRange(at, before, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    [Fact]
    public void Each_exemplar_lies_in_its_bucket_the_last_one_included()
    {
        foreach (var value in new[] { 0.0005, 0.001, 0.02, 7 }) Record(value, ActivityTraceId.CreateRandom());
        Assert.Equal([("0.001", "0.001"), ("0.04", "0.02"), ("+Inf", "7")], Exemplars(openMetrics: true).Select(static exemplar => (exemplar.Groups["le"].Value, exemplar.Groups["value"].Value)));
    }

    [Fact]
    public void Names_and_values_of_its_labels_have_at_most_128_characters_together()
    {
        Record(0.02, ActivityTraceId.CreateRandom());
        var exemplar = Assert.Single(Exemplars(openMetrics: true));
        Assert.InRange(exemplar.Groups["label"].Value.Length + exemplar.Groups["trace"].Value.Length, 1, 128);
    }

    [Fact]
    public void Plain_text_has_none()
    {
        Record(0.02, ActivityTraceId.CreateRandom());
        Assert.Contains("wait_seconds_bucket{le=\"0.04\"} 1\n", PrometheusText.Of(_family), StringComparison.Ordinal);
        Assert.Empty(Exemplars(openMetrics: false));
    }

    [Fact]
    public void A_measurement_after_one_with_a_trace_does_not_inherit_it()
    {
        Record(0.02, ActivityTraceId.CreateRandom());
        _histogram.Record(0.0005);
        Assert.Equal(["0.04"], Exemplars(openMetrics: true).Select(static exemplar => exemplar.Groups["le"].Value));
        Assert.Equal(default, ExemplarTrace.Current);
    }

    [Fact]
    public async Task Threads_that_record_and_read_at_once_never_see_a_mixed_exemplar()
    {
        // The last digits of the trace tell its value.
        var traces = Enumerable.Range(1, 8).Select(static i => ActivityTraceId.CreateFromString($"{i:x32}")).ToArray();
        var writers = Enumerable.Range(1, 8).Select(i => Task.Run(() =>
        {
            for (var round = 0; round < 5000; round++) Record(0.002 + i / 1000.0, traces[i - 1]);
        })).ToArray();
        do
        {
            foreach (var exemplar in Exemplars(openMetrics: true))
            {
                var i = int.Parse(exemplar.Groups["trace"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                Assert.Equal((0.002 + i / 1000.0).ToString("R", CultureInfo.InvariantCulture), exemplar.Groups["value"].Value);
            }
        }
        while (!writers.All(static writer => writer.IsCompleted));
        await Task.WhenAll(writers);
        Assert.Single(Exemplars(openMetrics: true));
    }

    private void Record(double value, ActivityTraceId trace) => ExemplarTrace.Record(_histogram, value, trace);

    private IReadOnlyList<Match> Exemplars(bool openMetrics) => [.. ExemplarLine().Matches(PrometheusText.Of(_family, openMetrics)).Cast<Match>()];

    [GeneratedRegex("""^wait_seconds_bucket\{le="(?<le>[^"]+)"\} \d+ # \{(?<label>[a-z_]+)="(?<trace>[0-9a-f]{32})"\} (?<value>\S+) (?<at>\d+(\.\d+)?)$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExemplarLine();
}
