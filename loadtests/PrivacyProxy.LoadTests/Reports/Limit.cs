namespace PrivacyProxy.LoadTests.Reports;

/// <summary>What a figure was asked to hold.</summary>
/// <param name="Flag">The option that asked.</param>
/// <param name="Figure">The figure's name.</param>
/// <param name="Bound">Its least or most value.</param>
/// <param name="IsLeast">Whether more is better.</param>
/// <param name="Measured">What it was; null when it was not measured.</param>
internal sealed record Limit(string Flag, string Figure, double Bound, bool IsLeast, double? Measured)
{
    /// <summary>What was not measured is not met.</summary>
    public bool IsMet => Measured is { } value && (IsLeast ? value >= Bound : value <= Bound);

    /// <param name="figures">What was measured.</param>
    /// <param name="asked">Options with the figures they bound; those whose value is null were not given.</param>
    public static IReadOnlyList<Limit> Of(IReadOnlyList<Figure> figures, params IEnumerable<(string Flag, string Figure, double? Bound)> asked) =>
    [
        .. asked.Where(static limit => limit.Bound is not null).Select(limit => new Limit(
            limit.Flag, limit.Figure, limit.Bound!.Value, limit.Flag.StartsWith("--min-", StringComparison.Ordinal), figures.FirstOrDefault(figure => figure.Name == limit.Figure)?.Value)),
    ];

    public override string ToString()
    {
        var measured = Measured is { } value ? FormattableString.Invariant($"{value:0.###}") : "not measured";
        return FormattableString.Invariant($"{Flag} {Bound:0.###}: {Figure} is {measured}, {(IsMet ? "met" : "missed")}");
    }
}
