using System.Diagnostics.Metrics;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>The name of another's instrument in the Prometheus formats; our own are named as they are shown.</summary>
internal static class PrometheusName
{
    private const string Total = "_total";

    /// <summary>With the unit and, for counters, _total at the end.</summary>
    public static string Of(Instrument instrument, MetricKind kind)
    {
        var name = Clean(instrument.Name);
        if (Suffix(instrument.Unit) is { } suffix && !name.EndsWith(suffix, StringComparison.Ordinal)) name += suffix;
        if (kind == MetricKind.Counter && !name.EndsWith(Total, StringComparison.Ordinal)) name += Total;
        return name;
    }

    /// <summary>A label name: letters, digits and underscores.</summary>
    public static string OfLabel(string key) => Clean(key);

    private static string? Suffix(string? unit) => unit switch
    {
        "s" => "_seconds",
        "By" => "_bytes",
        "ms" => "_milliseconds",
        "1" => "_ratio",
        _ => null,
    };

    private static string Clean(string name) => string.Create(name.Length, name, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++)
            to[i] = char.IsAsciiLetter(from[i]) || from[i] == '_' || (i > 0 && char.IsAsciiDigit(from[i])) ? from[i] : '_';
    });
}
