using System.Globalization;
using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Reports;

/// <summary>How long the slowest of many took: the time below which each share stays.</summary>
internal static class LatencyChart
{
    private static readonly double[] _shares = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 1];

    public static Chart Of(string title, params IEnumerable<(string Name, LatencyHistogram Latencies)> series) => new(
        title, "ms", [.. series.Select(static one => ChartSeries.Of(one.Name, _shares.Select(share => one.Latencies.Percentile(share).TotalMilliseconds)))])
    {
        Labels = [.. _shares.Select(static share => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + "%")],
    };
}
