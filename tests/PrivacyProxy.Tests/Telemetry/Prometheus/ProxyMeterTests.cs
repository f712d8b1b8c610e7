using System.Diagnostics.Metrics;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Tests.Telemetry.Prometheus;

/// <summary>Our own families, in a scrape and for those who listen to .NET's instruments.</summary>
public sealed class ProxyMeterTests : IDisposable
{
    private readonly ProxyMeter _meter = new();

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task A_counter_without_total_in_its_name_is_not_called_a_counter_in_either_format()
    {
        _meter.Counter("privacy_proxy_requests_by_status", "By counter", "status").Increment("407");
        _meter.Counter("privacy_proxy_b_total", "B.", "l").Increment(" counter\n");
        Assert.Equal(
            "# HELP privacy_proxy_requests_by_status By counter\n# TYPE privacy_proxy_requests_by_status untyped\nprivacy_proxy_requests_by_status{status=\"407\"} 1\n"
            + "# HELP privacy_proxy_b_total B.\n# TYPE privacy_proxy_b_total counter\nprivacy_proxy_b_total{l=\" counter\\n\"} 1\n",
            await PrometheusText.OfAsync(_meter));
        Assert.StartsWith(
            "# HELP privacy_proxy_requests_by_status By counter\n# TYPE privacy_proxy_requests_by_status unknown\nprivacy_proxy_requests_by_status{status=\"407\"} 1.0\n",
            await PrometheusText.OfAsync(_meter, openMetrics: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_counter_that_is_observed_and_falls_starts_anew()
    {
        var value = 5L;
        _meter.ObservedCounter("c_total", null, "C.", Once.Of(() => value));
        Assert.EndsWith("\nc_total 5\n", await PrometheusText.OfAsync(_meter), StringComparison.Ordinal);
        value = 2;
        Assert.EndsWith("\nc_total 2\n", await PrometheusText.OfAsync(_meter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_of_many_threads_are_all_counted()
    {
        var busy = _meter.Histogram("busy_seconds", "s", "Busy.", [0.1, 1], "kind");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 25_000; i++) busy.With("a").Record(0.5);
        })));
        var written = await PrometheusText.OfAsync(_meter);
        Assert.Contains("busy_seconds_count{kind=\"a\"} 100000\n", written, StringComparison.Ordinal);
        Assert.Contains("busy_seconds_sum{kind=\"a\"} 50000\n", written, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_listens_to_the_instruments_gets_the_same_with_the_same_labels()
    {
        var got = new List<string>();
        var duration = _meter.Histogram("d_seconds", "s", "D.", [1], "operation", "store");
        var counter = _meter.Counter("n_total", "N.", "node");
        var state = 1;
        _meter.ObservedGauge("g", null, "G.", Once.Of(() => state));
        duration.With("spend", "memory").Record(9);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == ProxyMeter.Name && instrument.Name is "d_seconds" or "n_total" or "g") listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => got.Add($"{instrument.Name} {value} {Text(tags)}"));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => got.Add($"{instrument.Name} {value} {Text(tags)}"));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => got.Add($"{instrument.Name} {value} {Text(tags)}"));
        listener.Start();
        duration.With("spend", "memory").Record(2);
        counter.Increment("a:1");
        listener.RecordObservableInstruments();
        Assert.Equal(["d_seconds 2 operation=spend,store=memory", "n_total 1 node=a:1", "g 1 "], got);
    }

    [Fact]
    public async Task Two_proxies_in_a_process_do_not_see_each_others_families()
    {
        using var other = new ProxyMeter();
        _meter.Counter("mine_total", "Mine.", "l").Increment("x");
        Assert.Equal("", await PrometheusText.OfAsync(other));
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(',', tags.ToArray().Select(static tag => $"{tag.Key}={tag.Value}"));
}
