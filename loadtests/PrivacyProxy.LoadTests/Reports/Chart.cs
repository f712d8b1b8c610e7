namespace PrivacyProxy.LoadTests.Reports;

/// <summary>A picture of numbers.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Unit">Of the heights.</param>
/// <param name="Series">What is drawn beside each other.</param>
internal sealed record Chart(string Title, string Unit, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>Names along the bottom, one for each position from 0 on; null: numbers.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Of the numbers along the bottom.</summary>
    public string Along { get; init; } = "";

    /// <summary>Bars at each label instead of lines.</summary>
    public bool HasBars { get; init; }
}
