using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary>One number of ours beside the C probe's, each the median over the rounds; the ratio is the median of the rounds' ratios.</summary>
internal sealed record ProbeComparison(string Name, double Ours, double Reference, double Ratio, string Target, bool IsMet)
{
    /// <param name="name">What was measured.</param>
    /// <param name="rounds">Of each round: ours, and what it is compared with.</param>
    /// <param name="bound">The target for the ratio.</param>
    /// <param name="isCeiling">Whether the ratio may be at most the bound, or at least.</param>
    public static ProbeComparison Of(string name, IReadOnlyList<(double Ours, double Reference)> rounds, double bound, bool isCeiling)
    {
        var ratio = Median(rounds.Select(static round => round.Ours / round.Reference));
        return new ProbeComparison(name, Median(rounds.Select(static round => round.Ours)), Median(rounds.Select(static round => round.Reference)), ratio,
            (isCeiling ? "<= " : ">= ") + bound.ToString("0.##"), isCeiling ? ratio <= bound : ratio >= bound);
    }

    private static double Median(IEnumerable<double> numbers) => Spread.Of(numbers).Median;
}
