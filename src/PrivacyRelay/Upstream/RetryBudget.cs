namespace PrivacyRelay.Upstream;

/// <summary>How often a proxy may refuse one tunnel before the local program hears of it.</summary>
internal sealed class RetryBudget(int maxRefusals)
{
    /// <summary>After connect-tcp and CONNECT over HTTP/3, and connect-tcp over HTTP/2, there is one way left.</summary>
    private const int MaxWays = 3;

    private int _refusals;
    private int _ways;
    private int _lessons;
    private int _losses;

    /// <summary>Counts a refusal; true when another try is allowed. Learning how to ask is no refusal, but is bounded too.</summary>
    public bool Spend(bool learning) => learning ? ++_lessons <= maxRefusals : ++_refusals < maxRefusals;

    /// <summary>Counts a way to ask that leads nowhere; true when another one may be tried.</summary>
    public bool SpendWay() => ++_ways <= MaxWays;

    /// <summary>Counts a connection that broke before an answer, as when a proxy is killed; true when another try is allowed.</summary>
    public bool SpendLoss() => ++_losses <= 1;
}
