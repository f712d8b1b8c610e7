using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Prometheus;

namespace PrivacyProxy.Recording.Instruments;

/// <summary>A counter and its series.</summary>
internal sealed class CounterFamily(Counter? scraped, Counter<long> exported, string[] labels)
{
    private readonly ConcurrentDictionary<(string, string), (Counter.Child? Scraped, KeyValuePair<string, object?>[] Tags)> _series = new();

    /// <summary>Counts one more with these values of the labels, empty for labels there are not.</summary>
    public void Increment(string first = "", string second = "")
    {
        if (!_series.TryGetValue((first, second), out var series)) series = _series.GetOrAdd((first, second), Create(first, second));
        series.Scraped?.Inc();
        if (exported.Enabled) exported.Add(1, series.Tags);
    }

    private (Counter.Child?, KeyValuePair<string, object?>[]) Create(string first, string second)
    {
        var values = new[] { first, second }[..labels.Length];
        return (scraped?.WithLabels(values), [.. labels.Zip(values, static (label, value) => KeyValuePair.Create(label, (object?)value))]);
    }
}
