using System.Globalization;
using PrivacyProxy.Commands.Top.Exposition;

namespace PrivacyProxy.Commands.Top.Figures;

/// <summary>The series of one scrape by family.</summary>
internal sealed class MetricsSnapshot
{
    private const string Bound = "le";

    private readonly Dictionary<string, Dictionary<LabelSet, double>> _families = new(StringComparer.Ordinal);

    public MetricsSnapshot(PrometheusText text)
    {
        MalformedLines = text.MalformedLines;
        foreach (var sample in text.Samples)
        {
            if (!_families.TryGetValue(sample.Name, out var family)) _families[sample.Name] = family = [];
            family[sample.Labels] = sample.Value;
        }
    }

    public int MalformedLines { get; }

    /// <summary>The names as in the text: a histogram is three of them.</summary>
    public IEnumerable<string> Names => _families.Keys;

    public IReadOnlyDictionary<LabelSet, double> Series(string name) =>
        _families.TryGetValue(name, out var family) ? family : System.Collections.ObjectModel.ReadOnlyDictionary<LabelSet, double>.Empty;

    /// <summary>The sum over the series; null where there is none.</summary>
    public double? Sum(string name) => Series(name) is { Count: > 0 } series ? series.Values.Sum() : null;

    /// <summary>A histogram's series by its labels, <c>le</c> not among them.</summary>
    public Dictionary<LabelSet, HistogramCounts> Histograms(string name) => Series(name + "_bucket")
        .GroupBy(static bucket => bucket.Key.Without(Bound))
        .ToDictionary(static group => group.Key, static group => HistogramCounts.FromCumulative(group.Select(static bucket => KeyValuePair.Create(ParseBound(bucket.Key[Bound]), bucket.Value)).DistinctBy(static bucket => bucket.Key)));

    private static double ParseBound(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var bound) ? bound : double.NaN,
    };
}
