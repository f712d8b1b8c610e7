using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Prometheus;

namespace PrivacyProxy.Recording.Instruments;

/// <summary>A histogram and its series.</summary>
internal sealed class HistogramFamily(Histogram? scraped, Histogram<double> exported, string[] labels)
{
    private readonly ConcurrentDictionary<(string, string), HistogramSeries> _series = new();

    /// <summary>The series of these values of the labels, empty for labels there are not; made when it is first asked for.</summary>
    public HistogramSeries With(string first = "", string second = "") =>
        _series.TryGetValue((first, second), out var series) ? series : _series.GetOrAdd((first, second), Create(first, second));

    private HistogramSeries Create(string first, string second)
    {
        var values = new[] { first, second }[..labels.Length];
        return new HistogramSeries(scraped?.WithLabels(values), exported, [.. labels.Zip(values, static (label, value) => KeyValuePair.Create(label, (object?)value))]);
    }
}
