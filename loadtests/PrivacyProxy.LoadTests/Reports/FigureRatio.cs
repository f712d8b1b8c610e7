namespace PrivacyProxy.LoadTests.Reports;

/// <summary>One figure of two runs.</summary>
/// <param name="Name">Its name in both.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Better">Which way it should go.</param>
/// <param name="Before">In the first run; null when it is not there.</param>
/// <param name="After">In the second.</param>
internal sealed record FigureRatio(string Name, string Unit, Better Better, double? Before, double? After)
{
    /// <summary>The second through the first; null when there is none.</summary>
    public double? Ratio => Before is { } before && After is { } after ? before == after ? 1 : before == 0 ? null : after / before : null;

    /// <param name="before">The first run.</param>
    /// <param name="after">The second.</param>
    /// <returns>The figures of both, in the order of the first.</returns>
    public static IReadOnlyList<FigureRatio> Of(Report before, Report after)
    {
        var first = before.Figures.DistinctBy(static figure => figure.Name).ToDictionary(static figure => figure.Name);
        var second = after.Figures.DistinctBy(static figure => figure.Name).ToDictionary(static figure => figure.Name);
        return
        [
            .. first.Values.Concat(second.Values.Where(figure => !first.ContainsKey(figure.Name)))
                .Select(figure => new FigureRatio(figure.Name, figure.Unit, figure.Better, first.GetValueOrDefault(figure.Name)?.Value, second.GetValueOrDefault(figure.Name)?.Value)),
        ];
    }

    /// <summary>Whether the second run is worse by more than a share of the first.</summary>
    public bool IsWorse(double tolerance) => Better switch
    {
        // From nothing to something has no ratio, and is worse all the same.
        Better.Lower => After > Before * (1 + tolerance),
        Better.Higher => After < Before * (1 - tolerance),
        _ => false,
    } || (Better != Better.Neither && Before is not null && After is null);
}
