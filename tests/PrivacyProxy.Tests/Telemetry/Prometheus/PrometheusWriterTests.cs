using System.Diagnostics.Metrics;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Tests.Telemetry.Prometheus;

public sealed class PrometheusWriterTests : IDisposable
{
    private readonly Meter _meter = new("PrometheusWriterTests");
    private readonly Meter _ours = new(ProxyMeter.Name);

    public void Dispose()
    {
        _meter.Dispose();
        _ours.Dispose();
    }

    [Fact]
    public void A_counter_ends_in_total_in_both_formats_and_its_OpenMetrics_family_does_not()
    {
        var family = new MetricFamily(_meter.CreateCounter<long>("things.seen", null, "Things."));
        family.Record(2, Tags(("kind", "a")));
        family.Record(3, Tags(("kind", "a")));
        Assert.Equal("# HELP things_seen_total Things.\n# TYPE things_seen_total counter\nthings_seen_total{kind=\"a\"} 5\n", PrometheusText.Of(family));
        Assert.Equal("# HELP things_seen Things.\n# TYPE things_seen counter\nthings_seen_total{kind=\"a\"} 5\n# EOF\n", PrometheusText.Of(family, openMetrics: true));
    }

    [Fact]
    public void Backslashes_quotes_and_line_feeds_are_escaped()
    {
        var family = new MetricFamily(_meter.CreateGauge<int>("g", null, "a\\b\nc \"d\""));
        family.Record(1, Tags(("k", "a\\b\nc \"d\"")));
        Assert.Equal("# HELP g a\\\\b\\nc \"d\"\n# TYPE g gauge\ng{k=\"a\\\\b\\nc \\\"d\\\"\"} 1\n", PrometheusText.Of(family));
    }

    [Fact]
    public void Buckets_are_cumulative_inclusive_and_end_with_infinity_and_the_count()
    {
        var family = new MetricFamily(_meter.CreateHistogram<double>("wait", "s", null, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.04] }));
        foreach (var value in new[] { 0.0005, 0.001, 0.02, 0.5, double.NaN }) family.Record(value, Tags(("op", "x")));
        Assert.Equal(
            "# TYPE wait_seconds histogram\n"
            + "wait_seconds_bucket{op=\"x\",le=\"0.001\"} 2\nwait_seconds_bucket{op=\"x\",le=\"0.04\"} 3\nwait_seconds_bucket{op=\"x\",le=\"+Inf\"} 4\n"
            + "wait_seconds_sum{op=\"x\"} 0.5215\nwait_seconds_count{op=\"x\"} 4\n",
            PrometheusText.Of(family));
    }

    [Fact]
    public void OpenMetrics_bounds_have_a_decimal_point()
    {
        var family = new MetricFamily(_meter.CreateHistogram<int>("n", null, null, tags: null, new InstrumentAdvice<int> { HistogramBucketBoundaries = [1] }));
        family.Record(1, []);
        Assert.Contains("n_bucket{le=\"1.0\"} 1\n", PrometheusText.Of(family, openMetrics: true), StringComparison.Ordinal);
        Assert.Contains("n_bucket{le=\"1\"} 1\n", PrometheusText.Of(family), StringComparison.Ordinal);
    }

    [Fact]
    public void Our_own_names_stay_as_they_are_and_one_without_total_is_not_called_a_counter()
    {
        var family = new MetricFamily(_ours.CreateCounter<long>("privacy_proxy_requests_by_status"));
        family.Record(1, Tags(("status", 407)));
        Assert.Equal("# TYPE privacy_proxy_requests_by_status untyped\nprivacy_proxy_requests_by_status{status=\"407\"} 1\n", PrometheusText.Of(family));
    }

    [Fact]
    public void Up_down_counters_go_down_and_gauges_keep_the_last_value()
    {
        var updown = new MetricFamily(_meter.CreateUpDownCounter<long>("open"));
        updown.Record(2, []);
        updown.Record(-1, []);
        Assert.EndsWith("open 1\n", PrometheusText.Of(updown), StringComparison.Ordinal);
        var gauge = new MetricFamily(_meter.CreateGauge<double>("level"));
        gauge.Record(2, []);
        gauge.Record(double.PositiveInfinity, []);
        Assert.EndsWith("level +Inf\n", PrometheusText.Of(gauge), StringComparison.Ordinal);
    }

    [Fact]
    public void A_family_takes_a_bounded_number_of_series()
    {
        var family = new MetricFamily(_meter.CreateCounter<long>("many"));
        for (var i = 0; i < MetricFamily.MaxSeries + 100; i++) family.Record(1, Tags(("i", i.ToString())));
        Assert.Equal(MetricFamily.MaxSeries, family.Series.Count());
    }

    [Fact]
    public void A_record_allocates_nothing_once_its_series_is_there()
    {
        var family = new MetricFamily(_meter.CreateHistogram<double>("hot", "s"));
        var tags = Tags(("operation", "spend"), ("store", "memory"));
        for (var i = 0; i < 1000; i++) family.Record(i * 1e-6, tags);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) family.Record(i * 1e-6, tags);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task Records_of_many_threads_are_all_counted()
    {
        var family = new MetricFamily(_meter.CreateHistogram<double>("busy", "s"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 25_000; i++) family.Record(0.5, []);
        })));
        var written = PrometheusText.Of(family);
        Assert.Contains("busy_seconds_count 100000\n", written, StringComparison.Ordinal);
        Assert.Contains("busy_seconds_sum 50000\n", written, StringComparison.Ordinal);
    }

    private static KeyValuePair<string, object?>[] Tags(params (string Key, object Value)[] tags) =>
        [.. tags.Select(static tag => new KeyValuePair<string, object?>(tag.Key, tag.Value))];
}
