namespace PrivacyRelay.Upstream;

/// <summary>How often one tunnel may be refused by each proxy before the local program hears of it.</summary>
internal sealed class RetryBudget(int hops, int maxRefusals)
{
    private readonly int[] _refusals = new int[hops];
    private readonly int[] _lessons = new int[hops];

    /// <summary>Counts a refusal; true when another try is allowed. Learning the challenge is no refusal, but is bounded too.</summary>
    public bool Spend(int hop, bool learning) =>
        learning ? ++_lessons[hop] <= maxRefusals : ++_refusals[hop] < maxRefusals;
}
