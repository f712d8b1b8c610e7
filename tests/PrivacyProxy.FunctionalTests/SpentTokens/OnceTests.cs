using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Once;

namespace PrivacyProxy.FunctionalTests.SpentTokens;

/// <summary>Short, seeded runs of the checker of "once"; the long one is the command <c>once</c> of the load tests.</summary>
public sealed class OnceTests
{
    [SkippableTheory]
    [InlineData(1, 11)]
    [InlineData(2, 12)]
    public async Task While_any_one_node_of_three_fails_no_token_is_accepted_twice_and_none_is_lost(int proxies, int seed)
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        // A long deadline: a machine that runs other tests beside may leave a healthy node without CPU for a while.
        var settings = new OnceSettings { Tokens = 20_000, Proxies = proxies, Clients = 6, Seed = seed, Deadline = 2_000, Seconds = 8 };
        var once = new MemcachedOnce(settings);
        var verdict = await once.RunAsync(static _ => { });
        Assert.True(verdict.Holds, $"--seed {seed}: {verdict}");
        Assert.True(once.Faults.Values.Sum() > 0);
        Assert.True(verdict.Lone > 0);
        Assert.True(verdict.Accepted > 0);
    }

    [SkippableFact]
    public async Task A_single_node_that_loses_its_memory_is_refilled_before_it_votes()
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        var settings = new OnceSettings { Tokens = 20_000, Proxies = 2, Clients = 4, Seed = 13, Nodes = 1, Replicas = 1, Deadline = 2_000, Seconds = 8 };
        var verdict = await new MemcachedOnce(settings).RunAsync(static _ => { });
        Assert.True(verdict.Holds, $"--seed 13: {verdict}");
    }

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
        ledger.Record(5, SpendOutcome.Unavailable, wasHealthy: false, TimeSpan.Zero);
        var verdict = OnceVerdict.Of(ledger);
        Assert.True(verdict.Holds);
        Assert.Equal(1, verdict.Nobody);
        Assert.Equal(0, verdict.Lone);
    }

    private static void Offer(SpendLedger ledger, int token, params SpendOutcome[] outcomes)
    {
        foreach (var outcome in outcomes) ledger.Record(token, outcome, wasHealthy: true, TimeSpan.Zero);
    }
}
