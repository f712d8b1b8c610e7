using PrivacyProxy.LoadTests.Once;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.Tests.SpentTokens;

/// <summary>Short, seeded runs of the checker of "once"; the long one is the command <c>once</c> of the load tests.</summary>
public sealed class OnceTests
{
    [Fact]
    public void A_ledger_with_a_double_spend_or_a_lost_token_does_not_hold()
    {
        var ledger = new SpendLedger(11);
        Offer(ledger, 1, SpendOutcome.Fresh, SpendOutcome.AlreadySpent);
        Offer(ledger, 5, SpendOutcome.Fresh);
        Assert.True(OnceVerdict.Of(ledger).Holds);
        Offer(ledger, 2, SpendOutcome.Fresh, SpendOutcome.Fresh);
        Assert.Equal(1, OnceVerdict.Of(ledger).DoubleSpends);
        Assert.Equal(0, OnceVerdict.Of(ledger).Lost);
        Offer(ledger, 10, SpendOutcome.Unavailable);
        Assert.Equal(1, OnceVerdict.Of(ledger).Lost);
    }

    [Fact]
    public void Racing_losers_and_offers_to_a_sick_majority_are_no_violation()
    {
        var ledger = new SpendLedger(11);
        Offer(ledger, 1, SpendOutcome.AlreadySpent, SpendOutcome.Unavailable);
        ledger.Record(5, SpendOutcome.Unavailable, wasHealthy: false);
        var verdict = OnceVerdict.Of(ledger);
        Assert.True(verdict.Holds);
        Assert.Equal(1, verdict.Nobody);
        Assert.Equal(0, verdict.Lone);
    }

    private static void Offer(SpendLedger ledger, int token, params SpendOutcome[] outcomes)
    {
        foreach (var outcome in outcomes) ledger.Record(token, outcome, wasHealthy: true);
    }
}
