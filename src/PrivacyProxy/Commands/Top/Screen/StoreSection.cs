using PrivacyProxy.Commands.Top.Exposition;
using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>The spent-token store, and each of its nodes where it has some; the ones in trouble first.</summary>
internal static class StoreSection
{
    private const string Prefix = "privacy_proxy_spent_token_store_";
    private const int StateWidth = 8, QuantileWidth = 9, MarkedWidth = 11, CountWidth = 8;

    private static readonly string[] _states = ["down", "syncing", "up"];

    /// <summary>The nodes there are to show.</summary>
    public static IReadOnlyList<string> Nodes(SnapshotChange change) =>
    [
        .. change.Current.Series(Prefix + "node_state").Select(static series => series.Key["node"]).Distinct(StringComparer.Ordinal)
            .OrderBy(node => Array.IndexOf(_states, StateOf(change.Current, node))).ThenBy(static node => node, StringComparer.Ordinal),
    ];

    /// <summary>A head line, then as many nodes as there are rows.</summary>
    public static IEnumerable<FrameLine> Lines(SnapshotChange change, IReadOnlyList<string> nodes, int width, int rows)
    {
        var name = width - StateWidth - QuantileWidth - MarkedWidth - (3 * CountWidth);
        var head = new FrameLine().Left($"STORE {Amount.Count(change.Current.Sum(Prefix + "in_flight") ?? 0)} in flight", name, Ink.Heading);
        if (nodes.Count > 0)
            head.Left("state", StateWidth, Ink.Dim).Right("p50", QuantileWidth, Ink.Dim).Right("p99  ", MarkedWidth, Ink.Dim)
                .Right("reconn", CountWidth, Ink.Dim).Right("unavail", CountWidth, Ink.Dim).Right("evicted", CountWidth, Ink.Dim);
        yield return head;
        var commands = change.Observed(Prefix + "node_seconds", "node");
        var shown = nodes.Count > rows ? rows - 1 : nodes.Count;
        foreach (var node in nodes.Take(shown)) yield return Node(change, node, commands.GetValueOrDefault(node), name);
        if (nodes.Count > shown) yield return new FrameLine().Left($"  and {nodes.Count - shown} more", name, Ink.Dim);
    }

    private static FrameLine Node(SnapshotChange change, string node, HistogramCounts? commands, int name)
    {
        var state = StateOf(change.Current, node);
        var line = new FrameLine().Left("  " + node, name)
            .Left(state, StateWidth, state switch { "up" => Ink.Good, "syncing" => Ink.Warning, _ => Ink.Bad })
            .Right(Amount.Duration(commands?.Quantile(0.5)), QuantileWidth);
        LatencySection.Marked(line, commands?.Quantile(0.99), isCheck: true);
        Count("reconnects_total", Ink.Warning);
        Count("unavailable_total", Ink.Warning);
        Count("evictions", Ink.Bad);
        return line;

        void Count(string family, Ink raised)
        {
            var count = change.Current.Series(Prefix + family).Where(series => series.Key["node"] == node).Sum(static series => series.Value);
            line.Right(Amount.Count(count, CountWidth - 1), CountWidth, count > 0 ? raised : Ink.Plain);
        }
    }

    private static string StateOf(MetricsSnapshot metrics, string node) =>
        Array.Find(_states, state => metrics.Series(Prefix + "node_state").GetValueOrDefault(new LabelSet([new("node", node), new("state", state)])) > 0) ?? "unknown";
}
