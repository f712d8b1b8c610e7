namespace PrivacyProxy.LoadTests.Measurements;

/// <summary>The median of several rounds, how far they lay apart, and how well they tell the median.</summary>
/// <param name="Median">Half of the rounds were below.</param>
/// <param name="LowerQuartile">A quarter of the rounds were below.</param>
/// <param name="UpperQuartile">A quarter of the rounds were above.</param>
/// <param name="Least">With 95% confidence the true median is not below (by the ranks of the rounds, whatever their distribution).</param>
/// <param name="Most">With 95% confidence the true median is not above.</param>
internal sealed record Spread(double Median, double LowerQuartile, double UpperQuartile, double Least, double Most)
{
    /// <summary>Half of the 1.96 standard deviations of a normal distribution, as ranks around the middle are counted.</summary>
    private const double ConfidenceRanks = 0.98;

    /// <param name="numbers">At least one.</param>
    public static Spread Of(IEnumerable<double> numbers)
    {
        var sorted = numbers.Order().ToList();
        var reach = ConfidenceRanks / Math.Sqrt(sorted.Count);
        return new Spread(At(sorted, 0.5), At(sorted, 0.25), At(sorted, 0.75), At(sorted, Math.Max(0, 0.5 - reach)), At(sorted, Math.Min(1, 0.5 + reach)));
    }

    private static double At(List<double> sorted, double share)
    {
        var position = share * (sorted.Count - 1);
        var (below, above) = (sorted[(int)position], sorted[(int)Math.Ceiling(position)]);
        return below + (above - below) * (position - Math.Floor(position));
    }
}
