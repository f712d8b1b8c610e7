namespace PrivacyRelay.Upstream;

/// <summary>How often a proxy may refuse one tunnel before the local program hears of it.</summary>
internal sealed class RetryBudget(int maxRefusals)
{
    private int _refusals;
    private int _lessons;
    private int _losses;

    /// <summary>Counts a refusal; true when another try is allowed. Learning how to ask is no refusal, but is bounded too.</summary>
    public bool Spend(bool learning) => learning ? ++_lessons <= maxRefusals : ++_refusals < maxRefusals;

    /// <summary>Counts a connection that broke before an answer, as when a proxy is killed; true when another try is allowed.</summary>
    public bool SpendLoss() => ++_losses <= 1;
}
