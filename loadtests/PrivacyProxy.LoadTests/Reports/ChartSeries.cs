namespace PrivacyProxy.LoadTests.Reports;

/// <summary>One line of a chart, or the bars of one colour.</summary>
internal sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>Heights at the positions 0, 1, 2 and so on.</summary>
    public static ChartSeries Of(string name, IEnumerable<double> heights) => new(name, [.. heights.Select(static (height, i) => new ChartPoint(i, height))]);
}
