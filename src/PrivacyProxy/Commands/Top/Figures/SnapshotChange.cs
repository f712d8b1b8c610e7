using PrivacyProxy.Commands.Top.Exposition;

namespace PrivacyProxy.Commands.Top.Figures;

/// <summary>What happened between two scrapes; with only one, since the proxy started.</summary>
internal sealed class SnapshotChange
{
    /// <summary>The customary name of the gauge that says when a process started.</summary>
    public const string StartTime = "process_start_time_seconds";

    private readonly MetricsSnapshot? _earlier;

    /// <param name="earlier">The scrape before, null at the first.</param>
    /// <param name="current">The scrape the figures are of.</param>
    /// <param name="elapsed">The time between them.</param>
    public SnapshotChange(MetricsSnapshot? earlier, MetricsSnapshot current, TimeSpan elapsed)
    {
        Current = current;
        IsRestart = earlier is not null && HasRestarted(earlier, current);
        // All counters of a process begin again together, so none of the old ones says anything.
        _earlier = IsRestart ? null : earlier;
        if (earlier is not null) Elapsed = elapsed;
    }

    public MetricsSnapshot Current { get; }

    /// <summary>True when the proxy is not the process it was.</summary>
    public bool IsRestart { get; }

    /// <summary>The time the figures are of; null when it is the proxy's life.</summary>
    public TimeSpan? Elapsed { get; }

    /// <summary>When the proxy started; null where it does not say.</summary>
    public DateTimeOffset? StartedAt => StartOf(Current);

    /// <summary>A counter's rise in a second, over all its series; null as long as there is only one scrape.</summary>
    public double? PerSecond(string name) => Rate(Current.Sum(name) ?? 0, _earlier?.Sum(name) ?? 0);

    /// <summary>The same of one series.</summary>
    public double? PerSecond(string name, LabelSet labels) => Rate(Current.Series(name).GetValueOrDefault(labels), _earlier?.Series(name).GetValueOrDefault(labels) ?? 0);

    /// <summary>The same of a histogram's observations.</summary>
    public double? PerSecond(HistogramCounts change) => Rate(change.Total, 0);

    /// <summary>What a histogram observed, by the values of some labels, over all others.</summary>
    public Dictionary<string, HistogramCounts> Observed(string name, params string[] labels)
    {
        var before = _earlier?.Histograms(name);
        return Current.Histograms(name)
            .GroupBy(series => string.Join(' ', labels.Select(label => series.Key[label])), StringComparer.Ordinal)
            .ToDictionary(
                static group => group.Key,
                group => group.Select(series => series.Value.Since(before?.GetValueOrDefault(series.Key))).Aggregate(static (one, two) => one.Plus(two)),
                StringComparer.Ordinal);
    }

    private double? Rate(double current, double earlier) =>
        Elapsed is { } elapsed && elapsed > TimeSpan.Zero && double.IsFinite(current - earlier) ? Math.Max(0, current - earlier) / elapsed.TotalSeconds : null;

    private static bool HasRestarted(MetricsSnapshot earlier, MetricsSnapshot current)
    {
        if (StartOf(earlier) is { } before && StartOf(current) is { } now && before != now) return true;
        return earlier.Names.Where(IsCounter).Any(name =>
        {
            var series = current.Series(name);
            return earlier.Series(name).Any(old => !series.TryGetValue(old.Key, out var value) || value < old.Value);
        });
    }

    private static bool IsCounter(string name) => name.EndsWith("_total", StringComparison.Ordinal) || name.EndsWith("_count", StringComparison.Ordinal);

    private static DateTimeOffset? StartOf(MetricsSnapshot snapshot)
    {
        var seconds = snapshot.Sum(StartTime) ?? 0;
        // Whatever is no time of this era is not shown.
        return seconds is > 0 and < 1e11 ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)) : null;
    }
}
