using System.Diagnostics.Metrics;
using System.Globalization;
using System.Numerics;
using Prometheus;

namespace PrivacyProxy.Recording.Instruments;

/// <summary>A family that is read before each scrape: series it no longer tells of are gone. Scrapes come one at a time.</summary>
internal abstract class ObservedFamily<T, TChild>(Collector<TChild> collector, Func<IEnumerable<Measurement<T>>> read)
    where T : struct, INumber<T>
    where TChild : ChildBase
{
    /// <summary>The labels of the series told of last, by their values.</summary>
    private Dictionary<string, string[]> _told = [];

    public void Read()
    {
        Dictionary<string, string[]> told = new(StringComparer.Ordinal);
        foreach (var measurement in read())
        {
            var labels = ValuesOf(measurement.Tags);
            Tell(collector, labels, double.CreateChecked(measurement.Value));
            told[string.Join('\n', labels)] = labels;
        }

        foreach (var (values, labels) in _told)
            if (!told.ContainsKey(values)) collector.RemoveLabelled(labels);
        _told = told;
    }

    protected abstract void Tell(Collector<TChild> family, string[] labels, double value);

    private static string[] ValuesOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var values = new string[tags.Length];
        for (var i = 0; i < values.Length; i++) values[i] = Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "";
        return values;
    }
}
