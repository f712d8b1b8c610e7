using PrivacyProxy.Commands.Top.Figures;
using PrivacyProxy.Commands.Top.Watching;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>The double-spend check per operation, then what else a tunnel waits for.</summary>
internal static class LatencySection
{
    private const int NameWidth = 21, RateWidth = 7, QuantileWidth = 9, MarkedWidth = 11, Gap = 2;

    private static readonly (string Name, string Family)[] _others =
    [
        ("connect", "privacy_proxy_connect_latency_seconds"),
        ("first byte", "privacy_proxy_first_byte_latency_seconds"),
    ];

    /// <summary>The rows there are to show: the checks, and the other latencies that were ever measured.</summary>
    public static IReadOnlyList<(string Name, HistogramCounts Counts, bool IsCheck)> Rows(TopState state)
    {
        var rows = state.CheckLatencies().OrderBy(static check => check.Key, StringComparer.Ordinal).Select(static check => (check.Key, check.Value, true)).ToList();
        foreach (var (name, family) in _others)
            if (state.Change.Observed(family).TryGetValue("", out var counts)) rows.Add((name, counts, false));
        return rows;
    }

    /// <summary>A head line, then the rows.</summary>
    public static IEnumerable<FrameLine> Lines(TopState state, IReadOnlyList<(string Name, HistogramCounts Counts, bool IsCheck)> rows, TimeSpan now, int width, bool isUnicode)
    {
        var spark = Math.Min(60, width - NameWidth - RateWidth - (2 * QuantileWidth) - MarkedWidth - Gap);
        yield return new FrameLine().Left("DOUBLE-SPEND CHECK", NameWidth, Ink.Heading).Right("per s", RateWidth, Ink.Dim)
            .Right("p50", QuantileWidth, Ink.Dim).Right("p90", QuantileWidth, Ink.Dim).Right("p99  ", MarkedWidth, Ink.Dim)
            .Left("", Gap).Left(state.Change.Elapsed is null ? "" : "p99, last minute", spark, Ink.Dim);
        if (rows.Count == 0) yield return new FrameLine().Left("  none yet", NameWidth, Ink.Dim);
        foreach (var (name, counts, isCheck) in rows)
        {
            var line = new FrameLine().Left((isCheck ? "  " : "  - ") + name, NameWidth, isCheck ? Ink.Plain : Ink.Dim)
                .Right(Amount.Rate(state.Change.PerSecond(counts)), RateWidth)
                .Right(Amount.Duration(counts.Quantile(0.5)), QuantileWidth)
                .Right(Amount.Duration(counts.Quantile(0.9)), QuantileWidth);
            Marked(line, counts.Quantile(0.99), isCheck);
            if (isCheck) Sparkline.Draw(line.Left("", Gap), state.Peaks(name), now, spark, isUnicode);
            yield return line;
        }
    }

    /// <summary>The 99th percentile, with a mark where a check is slower than it may be: colour alone is not seen by all, nor printed everywhere.</summary>
    internal static void Marked(FrameLine line, Quantile? p99, bool isCheck)
    {
        var isSlow = isCheck && p99 is { Value: > Sparkline.SlowSeconds };
        line.Right(Amount.Duration(p99) + (isSlow ? " !" : "  "), MarkedWidth, isSlow ? Ink.Bad : Ink.Plain);
    }
}
