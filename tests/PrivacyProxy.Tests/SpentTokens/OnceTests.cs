using PrivacyProxy.LoadTests.Once;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.Tests.SpentTokens;

/// <summary>Short, seeded runs of the checker of "once"; the long one is the command <c>once</c> of the load tests.</summary>
public sealed class OnceTests
{
    [Fact]
    public async Task A_sqlite_store_killed_in_the_middle_forgets_no_accepted_token()
    {
        var once = new SqliteOnce(new OnceSettings { Tokens = 3_000, Clients = 6, Kills = 3, Seed = 11, Limit = TimeSpan.FromMinutes(1) });
        var verdict = await once.RunAsync(static _ => { });
        Assert.Equal(3, once.Kills);
        Assert.Equal(3_000, verdict.Offered);
        Assert.Equal(0, verdict.DoubleSpends);
        Assert.Equal(0, verdict.Lost);
        Assert.True(verdict.Accepted > 2_900, verdict.ToString());
    }

    [Fact]
    public void A_ledger_with_a_double_spend_or_a_lost_token_does_not_hold()
    {
        var path = Path.GetTempFileName();
        try
        {
            using var ledger = SpendLedger.Create(path, 11);
            Offer(ledger, 1, SpendOutcome.Fresh, SpendOutcome.AlreadySpent);
            Offer(ledger, 5, SpendOutcome.Fresh);
            Assert.True(OnceVerdict.Of(ledger).Holds);
            Offer(ledger, 2, SpendOutcome.Fresh, SpendOutcome.Fresh);
            Assert.Equal(1, OnceVerdict.Of(ledger).DoubleSpends);
            Assert.Equal(0, OnceVerdict.Of(ledger).Lost);
            Offer(ledger, 10, SpendOutcome.Unavailable);
            Assert.Equal(1, OnceVerdict.Of(ledger).Lost);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Racing_losers_and_offers_to_a_sick_majority_are_no_violation()
    {
        var path = Path.GetTempFileName();
        try
        {
            using var ledger = SpendLedger.Create(path, 11);
            Offer(ledger, 1, SpendOutcome.AlreadySpent, SpendOutcome.Unavailable);
            Offer(ledger, 5, SpendOutcome.Unavailable);
            ledger.Excuse(5);
            // Its process was killed before the answer.
            ledger.Begin(10);
            var verdict = OnceVerdict.Of(ledger);
            Assert.True(verdict.Holds);
            Assert.Equal(1, verdict.Nobody);
            Assert.Equal(0, verdict.Lone);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Offer(SpendLedger ledger, int token, params SpendOutcome[] outcomes)
    {
        foreach (var outcome in outcomes)
        {
            ledger.Begin(token);
            ledger.End(token, outcome);
        }
    }
}
