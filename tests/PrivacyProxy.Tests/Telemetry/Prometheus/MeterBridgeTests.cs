using System.Diagnostics.Metrics;
using Prometheus;
using PrivacyProxy.Exporting.Prometheus;

namespace PrivacyProxy.Tests.Telemetry.Prometheus;

/// <summary>Instruments of others as a scrape shows them.</summary>
public sealed class MeterBridgeTests : IDisposable
{
    private readonly Meter _meter = new("MeterBridgeTests");
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task A_counter_ends_in_total_in_both_formats_and_its_OpenMetrics_family_does_not()
    {
        var family = new BridgedFamily(_meter.CreateCounter<long>("things.seen", null, "Things."), _registry);
        family.Record(2, Tags(("kind", "a")));
        family.Record(3, Tags(("kind", "a")));
        Assert.Equal("# HELP things_seen_total Things.\n# TYPE things_seen_total counter\nthings_seen_total{kind=\"a\"} 5\n", await PrometheusText.OfAsync(_registry));
        Assert.Equal("# HELP things_seen Things.\n# TYPE things_seen counter\nthings_seen_total{kind=\"a\"} 5.0\n# EOF\n", await PrometheusText.OfAsync(_registry, openMetrics: true));
    }

    [Fact]
    public async Task Backslashes_quotes_and_line_feeds_are_escaped_in_labels_and_do_not_come_into_help_texts()
    {
        var family = new BridgedFamily(_meter.CreateGauge<int>("g", null, "a\\b\nc \"d\""), _registry);
        family.Record(1, Tags(("k", "a\\b\nc \"d\"")));
        Assert.Equal("# HELP g a/b c 'd'\n# TYPE g gauge\ng{k=\"a\\\\b\\nc \\\"d\\\"\"} 1\n", await PrometheusText.OfAsync(_registry));
    }

    [Fact]
    public async Task Buckets_are_cumulative_inclusive_as_advised_and_end_with_infinity_and_the_count()
    {
        var family = new BridgedFamily(_meter.CreateHistogram<double>("wait", "s", null, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.04] }), _registry);
        foreach (var value in new[] { 0.0005, 0.001, 0.02, 0.5, double.NaN }) family.Record(value, Tags(("op", "x")));
        Assert.Equal(
            "# HELP wait_seconds \n# TYPE wait_seconds histogram\n"
            + "wait_seconds_sum{op=\"x\"} 0.5215\nwait_seconds_count{op=\"x\"} 4\n"
            + "wait_seconds_bucket{op=\"x\",le=\"0.001\"} 2\nwait_seconds_bucket{op=\"x\",le=\"0.04\"} 3\nwait_seconds_bucket{op=\"x\",le=\"+Inf\"} 4\n",
            await PrometheusText.OfAsync(_registry));
    }

    [Fact]
    public async Task Tags_that_are_left_out_at_times_make_series_of_one_family()
    {
        var family = new BridgedFamily(_meter.CreateCounter<long>("closed"), _registry);
        family.Record(1, Tags(("kind", "a")));
        family.Record(2, Tags(("kind", "a"), ("error.type", "reset")));
        Assert.Equal(
            "# HELP closed_total \n# TYPE closed_total counter\nclosed_total{kind=\"a\"} 1\nclosed_total{kind=\"a\",error_type=\"reset\"} 2\n", await PrometheusText.OfAsync(_registry));
    }

    [Fact]
    public async Task OpenMetrics_bounds_have_a_decimal_point()
    {
        var family = new BridgedFamily(_meter.CreateHistogram<int>("n", null, null, tags: null, new InstrumentAdvice<int> { HistogramBucketBoundaries = [1] }), _registry);
        family.Record(1, []);
        Assert.Contains("n_bucket{le=\"1.0\"} 1\n", await PrometheusText.OfAsync(_registry, openMetrics: true), StringComparison.Ordinal);
        Assert.Contains("n_bucket{le=\"1\"} 1\n", await PrometheusText.OfAsync(_registry), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_down_counters_go_down_and_gauges_and_observed_instruments_keep_the_last_value()
    {
        var updown = new BridgedFamily(_meter.CreateUpDownCounter<long>("open"), _registry);
        updown.Record(2, []);
        updown.Record(-1, []);
        var gauge = new BridgedFamily(_meter.CreateGauge<double>("level"), _registry);
        gauge.Record(2, []);
        gauge.Record(double.PositiveInfinity, []);
        var observed = new BridgedFamily(_meter.CreateObservableCounter("collections", static () => 0L), _registry);
        observed.Record(2, []);
        observed.Record(3, []);
        var text = await PrometheusText.OfAsync(_registry);
        Assert.Contains("\nopen 1\n", text, StringComparison.Ordinal);
        Assert.Contains("\nlevel Infinity\n", text, StringComparison.Ordinal);
        Assert.Contains("\ncollections_total 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_family_takes_a_bounded_number_of_series()
    {
        var family = new BridgedFamily(_meter.CreateCounter<long>("many"), _registry);
        for (var i = 0; i < BridgedFamily.MaxSeries + 100; i++) family.Record(1, Tags(("i", i.ToString())));
        Assert.Equal(BridgedFamily.MaxSeries, (await PrometheusText.OfAsync(_registry)).Split('\n').Count(static line => line.StartsWith("many_total{", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_record_allocates_nothing_once_its_series_is_there()
    {
        var family = new BridgedFamily(_meter.CreateHistogram<double>("hot", "s"), _registry);
        var tags = Tags(("operation", "spend"), ("store", "memory"));
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 10_000; i++) family.Record(i * 1e-6, tags);
        }));
    }

    private static KeyValuePair<string, object?>[] Tags(params (string Key, object Value)[] tags) =>
        [.. tags.Select(static tag => new KeyValuePair<string, object?>(tag.Key, tag.Value))];
}
