using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Tests.Telemetry.Prometheus;

/// <summary>Exemplars against the rules of OpenMetrics 1.0 ("Exemplars").</summary>
public sealed partial class ExemplarTests : IDisposable
{
    private readonly ProxyMeter _meter = new();
    private readonly HistogramSeries _wait;

    public ExemplarTests() => _wait = _meter.Histogram("wait_seconds", "s", "Wait.", [0.001, 0.04]).With();

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task A_bucket_shows_its_newest_measurement_that_has_a_trace()
    {
        var (first, second) = (ActivityTraceId.CreateRandom(), ActivityTraceId.CreateRandom());
        // prometheus-net reads the clock some times a second.
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 1000;
        Record(0.02, first);
        Record(0.03, second);
        Record(0.035, default);
        var exemplar = Assert.Single(await ExemplarsAsync(openMetrics: true));
        Assert.Equal("0.04", exemplar.Groups["le"].Value);
        Assert.Equal(second.ToHexString(), exemplar.Groups["trace"].Value);
        Assert.Equal("0.03", exemplar.Groups["value"].Value);
        var at = decimal.Parse(exemplar.Groups["at"].Value, CultureInfo.InvariantCulture) * 1000;
        Assert.InRange(at, before, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task Each_exemplar_lies_in_its_bucket_the_last_one_included()
    {
        foreach (var value in new[] { 0.0005, 0.001, 0.02, 7 }) Record(value, ActivityTraceId.CreateRandom());
        Assert.Equal([("0.001", "0.001"), ("0.04", "0.02"), ("+Inf", "7.0")], (await ExemplarsAsync(openMetrics: true)).Select(static exemplar => (exemplar.Groups["le"].Value, exemplar.Groups["value"].Value)));
    }

    [Fact]
    public async Task Names_and_values_of_its_labels_have_at_most_128_characters_together()
    {
        Record(0.02, ActivityTraceId.CreateRandom());
        var exemplar = Assert.Single(await ExemplarsAsync(openMetrics: true));
        Assert.InRange(exemplar.Groups["label"].Value.Length + exemplar.Groups["trace"].Value.Length, 1, 128);
    }

    [Fact]
    public async Task Plain_text_has_none()
    {
        Record(0.02, ActivityTraceId.CreateRandom());
        Assert.Contains("wait_seconds_bucket{le=\"0.04\"} 1\n", await PrometheusText.OfAsync(_meter), StringComparison.Ordinal);
        Assert.Empty(await ExemplarsAsync(openMetrics: false));
    }

    [Fact]
    public async Task A_measurement_after_one_with_a_trace_does_not_inherit_it()
    {
        Record(0.02, ActivityTraceId.CreateRandom());
        _wait.Record(0.0005);
        Assert.Equal(["0.04"], (await ExemplarsAsync(openMetrics: true)).Select(static exemplar => exemplar.Groups["le"].Value));
    }

    [Fact]
    public async Task The_activity_of_a_request_whose_ids_a_client_chose_is_no_exemplar()
    {
        using var activity = new Activity("of a client").SetIdFormat(ActivityIdFormat.W3C).Start();
        Record(0.02, default);
        Assert.DoesNotContain(" # {", await PrometheusText.OfAsync(_meter, openMetrics: true), StringComparison.Ordinal);
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
            foreach (var exemplar in await ExemplarsAsync(openMetrics: true))
            {
                var i = int.Parse(exemplar.Groups["trace"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                Assert.Equal((0.002 + i / 1000.0).ToString("R", CultureInfo.InvariantCulture), exemplar.Groups["value"].Value);
            }
        }
        while (!writers.All(static writer => writer.IsCompleted));
        await Task.WhenAll(writers);
        Assert.Single(await ExemplarsAsync(openMetrics: true));
    }

    private void Record(double value, ActivityTraceId trace) => _wait.Record(value, trace);

    private async Task<IReadOnlyList<Match>> ExemplarsAsync(bool openMetrics) => [.. ExemplarLine().Matches(await PrometheusText.OfAsync(_meter, openMetrics)).Cast<Match>()];

    [GeneratedRegex("""^wait_seconds_bucket\{le="(?<le>[^"]+)"\} \d+ # \{(?<label>[a-z_]+)="(?<trace>[0-9a-f]{32})"\} (?<value>\S+) (?<at>\d+(\.\d+)?)$""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExemplarLine();
}
