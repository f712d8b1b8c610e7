using PrivacyProxy.Commands.Top.Exposition;
using PrivacyProxy.Commands.Top.Figures;

namespace PrivacyProxy.Commands.Top.Screen;

/// <summary>Redemptions by result, and beside them refusals by Proxy-Status error; the most frequent first.</summary>
internal static class OutcomeSection
{
    private const int RateWidth = 7, Gap = 1;

    private static readonly Table _redemptions = new("REDEMPTIONS", "privacy_proxy_token_redemptions_total", "result", TotalWidth: 11);
    private static readonly Table _refusals = new("REFUSALS", "privacy_proxy_proxy_status_total", "error", TotalWidth: 6);

    /// <summary>How many rows there are to show.</summary>
    public static int Rows(SnapshotChange change) => Math.Max(1, Math.Max(change.Current.Series(_redemptions.Family).Count, change.Current.Series(_refusals.Family).Count));

    /// <summary>A head line, then the rows.</summary>
    public static IEnumerable<FrameLine> Lines(SnapshotChange change, int width, int rows)
    {
        var left = (width - Gap) / 2;
        var pairs = Half(_redemptions, change, left, rows).Zip(Half(_refusals, change, width - Gap - left, rows));
        return pairs.Select(static pair => new FrameLine().Append(pair.First).Left("", Gap).Append(pair.Second));
    }

    private static IEnumerable<FrameLine> Half(Table table, SnapshotChange change, int width, int rows)
    {
        var name = width - table.TotalWidth - RateWidth;
        yield return new FrameLine().Left(table.Title, name, Ink.Heading).Right("total", table.TotalWidth, Ink.Dim).Right("per s", RateWidth, Ink.Dim);
        var series = change.Current.Series(table.Family).OrderByDescending(static series => series.Value).ThenBy(series => series.Key[table.Label], StringComparer.Ordinal).ToList();
        var shown = series.Count > rows ? rows - 1 : series.Count;
        foreach (var (labels, total) in series.Take(shown)) yield return Row(table, change, labels, total, name);
        if (series.Count > shown) yield return new FrameLine().Left($"  and {series.Count - shown} more", width, Ink.Dim);
        else if (series.Count == 0) yield return new FrameLine().Left("  none yet", width, Ink.Dim);
        for (var filled = Math.Max(1, Math.Min(series.Count, rows)); filled < rows; filled++) yield return new FrameLine().Left("", width);
    }

    private static FrameLine Row(Table table, SnapshotChange change, LabelSet labels, double total, int name)
    {
        var value = labels[table.Label];
        return new FrameLine().Left("  " + value, name, InkOf(value))
            .Right(Amount.Count(total, table.TotalWidth - 1), table.TotalWidth)
            .Right(Amount.Rate(change.PerSecond(table.Family, labels)), RateWidth);
    }

    /// <summary>Clients are refused all the time; that the proxy cannot decide is the operator's.</summary>
    private static Ink InkOf(string value) => value switch
    {
        "accepted" or "preshared_accepted" => Ink.Good,
        "store_unavailable" or "not_ready" => Ink.Bad,
        _ => Ink.Plain,
    };

    private sealed record Table(string Title, string Family, string Label, int TotalWidth);
}
