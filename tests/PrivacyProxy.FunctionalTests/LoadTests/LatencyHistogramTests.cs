using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;

namespace PrivacyProxy.FunctionalTests.LoadTests;

/// <summary>What the load tests print is what was measured.</summary>
public sealed class LatencyHistogramTests
{
    [Property]
    public Property Percentiles_are_exact_to_two_percent() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonEmptyArray<PositiveInt>>(), ArbMap.Default.ArbFor<byte>(), static (latencies, percent) =>
        {
            // Microseconds, spread over six orders of magnitude.
            var sorted = latencies.Get.Select(static (latency, i) => (double)latency.Get * Math.Pow(10, i % 6)).Order().ToList();
            var histogram = new LatencyHistogram();
            foreach (var microseconds in sorted) histogram.Record((long)(microseconds * Stopwatch.Frequency / 1e6));
            var share = percent % 101 / 100.0;
            var exact = sorted[Math.Max(1, (int)Math.Ceiling(share * sorted.Count)) - 1];
            return Math.Abs(histogram.Percentile(share).TotalMicroseconds - exact) <= exact * 0.02 + 0.2 && histogram.Count == sorted.Count;
        });

    [Fact]
    public void Ranges_count_every_record_once()
    {
        var histogram = new LatencyHistogram();
        foreach (var microseconds in new[] { 5, 15, 44_000, 44_100, 900_000 }) histogram.Record(microseconds * Stopwatch.Frequency / 1_000_000);
        Assert.Equal(1, histogram.CountBetween(TimeSpan.Zero, TimeSpan.FromMicroseconds(10)));
        Assert.Equal(1, histogram.CountBetween(TimeSpan.FromMicroseconds(10), TimeSpan.FromMilliseconds(40)));
        Assert.Equal(2, histogram.CountBetween(TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(50)));
        Assert.Equal(1, histogram.CountBetween(TimeSpan.FromMilliseconds(50), TimeSpan.MaxValue));
    }

    [Fact]
    public void Charts_fit_80_columns_without_colours_and_show_shares_however_small()
    {
        var (slow, fast) = (new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 5_000; i++) fast.Record((i == 0 ? 150 : 15) * Stopwatch.Frequency / 1_000_000);
        for (var i = 0; i < 50; i++) slow.Record(44 * Stopwatch.Frequency / 1_000);
        var output = new StringWriter();
        HistogramChart.Draw(new LoadScreen(output, TextWriter.Null, isPlain: true, isInteractive: false), [("three writes", slow), ("a", fast), ("b", fast), ("ours", fast)]);
        var lines = output.ToString().Split('\n');
        Assert.All(lines, static line => Assert.True(line.Length <= 80, line));
        Assert.DoesNotContain('\u001b', output.ToString());
        Assert.Contains(lines, static line => line.StartsWith("  40 -  50 ms", StringComparison.Ordinal) && line.Contains("100%", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.StartsWith(" 100 - 200 us", StringComparison.Ordinal) && line.Contains("<.1%", StringComparison.Ordinal));
    }
}
