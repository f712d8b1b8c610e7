using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Nodes;

/// <summary>The store against real memcached processes.</summary>
public sealed class MemcachedStoreTests
{
    [SkippableTheory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(4, 3)]
    public async Task A_token_is_spent_once_at_all_proxies_together(int servers, int replicas)
    {
        await using var fleet = await StoreFleet.StartAsync(servers);
        var (a, b) = (await fleet.OpenReadyAsync(replicas), await fleet.OpenReadyAsync(replicas));
        for (var token = 0; token < 100; token++)
        {
            Assert.Equal(SpendOutcome.Fresh, await b.LookUpAsync(TestTokens.Token(token, StoreFleet.InAnHour), CancellationToken.None));
            Assert.Equal(SpendOutcome.Fresh, await StoreFleet.SpendAsync(a, token));
            Assert.Equal(SpendOutcome.AlreadySpent, await b.LookUpAsync(TestTokens.Token(token, StoreFleet.InAnHour), CancellationToken.None));
            Assert.Equal(SpendOutcome.AlreadySpent, await StoreFleet.SpendAsync(b, token));
        }
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Of_racing_spends_at_two_proxies_at_most_one_is_fresh(int replicas)
    {
        await using var fleet = await StoreFleet.StartAsync(replicas);
        var (a, b) = (await fleet.OpenReadyAsync(replicas), await fleet.OpenReadyAsync(replicas));
        for (var token = 0; token < 500; token++)
        {
            var number = token;
            var outcomes = await Task.WhenAll(new[] { a, b, a, b }.Select(store => Task.Run(() => StoreFleet.SpendAsync(store, number).AsTask())));
            Assert.True(outcomes.Count(static outcome => outcome == SpendOutcome.Fresh) <= 1);
            Assert.DoesNotContain(SpendOutcome.Unavailable, outcomes);
            // With one replica somebody always wins; with three, racers may beat each other.
            if (replicas == 1) Assert.Contains(SpendOutcome.Fresh, outcomes);
        }
    }

    [SkippableFact]
    public async Task A_journal_that_drops_unexpired_spends_is_counted_and_told_of_once()
    {
        await using var fleet = await StoreFleet.StartAsync(1);
        var store = await fleet.OpenReadyAsync(change: static options => options.JournalCapacity = 10);
        for (var token = 0; token < 10; token++) await StoreFleet.SpendAsync(store, token);
        Assert.Equal(0, store.JournalOverwritten);
        for (var token = 10; token < 15; token++) await StoreFleet.SpendAsync(store, token);
        Assert.Equal(5, store.JournalOverwritten);
        await StoreFleet.UntilAsync(() => fleet.Log.Any(static line => line.Contains("JournalCapacity", StringComparison.Ordinal)));
        await StoreFleet.SpendAsync(store, 15);
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        Assert.Single(fleet.Log, static line => line.Contains("JournalCapacity", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_server_that_restarts_empty_is_refilled_by_every_proxy_before_it_votes_again()
    {
        await using var fleet = await StoreFleet.StartAsync(1);
        var (a, b) = (await fleet.OpenReadyAsync(), await fleet.OpenReadyAsync());
        for (var token = 0; token < 3000; token++) Assert.Equal(SpendOutcome.Fresh, await StoreFleet.SpendAsync(token % 2 == 0 ? a : b, token));

        await fleet.Servers[0].RestartEmptyAsync();
        // From the first answer on: refused while it is not known, then spent; never fresh.
        var unknown = 0;
        using var patience = new CancellationTokenSource(StoreFleet.Patience);
        for (var token = 0; token < 3000; token++)
        {
            for (var store = a; ; store = store == a ? b : a)
            {
                var outcome = await StoreFleet.SpendAsync(store, token);
                Assert.NotEqual(SpendOutcome.Fresh, outcome);
                if (outcome == SpendOutcome.AlreadySpent) break;
                unknown++;
                await Task.Delay(1, patience.Token);
            }
        }
        Assert.True(unknown > 0);
        await StoreFleet.UntilAsync(() => fleet.Log.Count(static line => line.Contains("lost its memory", StringComparison.Ordinal)) == 2);
        await StoreFleet.UntilAsync(() => a.IsReady && b.IsReady);
        Assert.Equal(SpendOutcome.Fresh, await StoreFleet.SpendAsync(a, 100_000));
    }

    [SkippableFact]
    public async Task A_flushed_server_is_noticed_by_the_next_probe_and_refilled()
    {
        await using var fleet = await StoreFleet.StartAsync(1);
        var store = await fleet.OpenReadyAsync();
        Assert.Equal(SpendOutcome.Fresh, await StoreFleet.SpendAsync(store, 1));
        await MemcachedText.AskAsync(fleet.Servers[0], "flush_all");
        await StoreFleet.UntilAsync(() => !store.IsReady);
        await StoreFleet.UntilAsync(() => store.IsReady);
        Assert.Equal(SpendOutcome.AlreadySpent, await StoreFleet.SpendAsync(store, 1));
    }

    [SkippableFact]
    public async Task With_three_replicas_a_stalled_server_costs_no_request_and_returns_with_what_it_missed()
    {
        await using var fleet = await StoreFleet.StartAsync(3);
        var store = await fleet.OpenReadyAsync(3);
        fleet.Servers[0].Stop();
        for (var token = 0; token < 200; token++) Assert.Equal(SpendOutcome.Fresh, await StoreFleet.SpendAsync(store, token));
        Assert.True(store.IsReady);
        // Two are a majority, so that nobody waits for the one that has not answered.
        await StoreFleet.UntilAsync(() => fleet.Log.Any(static line => line.Contains("has not answered", StringComparison.Ordinal)));
        fleet.Servers[0].Continue();
        await StoreFleet.UntilAsync(() => store.NodeStates.All(static node => node.State == NodeState.Up));
        for (var token = 0; token < 200; token++)
            Assert.StartsWith("VALUE", await MemcachedText.GetAsync(fleet.Servers[0], TestTokens.Key(token)), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task With_three_replicas_one_dead_server_costs_no_request_and_two_are_refused_at_once_without_using_tokens_up()
    {
        await using var fleet = await StoreFleet.StartAsync(3);
        var store = await fleet.OpenReadyAsync(3, static options => options.Deadline = TimeSpan.FromSeconds(20));
        await fleet.Servers[0].KillAsync();
        for (var token = 0; token < 200; token++) Assert.Equal(SpendOutcome.Fresh, await StoreFleet.SpendAsync(store, token));
        await fleet.Servers[1].KillAsync();
        await StoreFleet.UntilAsync(() => !store.IsReady);
        for (var token = 0; token < 200; token++) Assert.Equal(SpendOutcome.Unavailable, await StoreFleet.SpendAsync(store, token));
        Assert.Equal(SpendOutcome.Unavailable, await StoreFleet.SpendAsync(store, 1000));
        Assert.Contains(fleet.Servers[1].Address, ((ISpentTokenStore)store).NotReady, StringComparison.Ordinal);

        await fleet.Servers[1].RestartEmptyAsync();
        await fleet.Servers[0].RestartEmptyAsync();
        await StoreFleet.UntilAsync(() => store.NodeStates.All(static node => node.State == NodeState.Up));
        for (var token = 0; token < 200; token++) Assert.Equal(SpendOutcome.AlreadySpent, await StoreFleet.SpendAsync(store, token));
        Assert.Equal(SpendOutcome.Fresh, await StoreFleet.SpendAsync(store, 1000));
    }

    [SkippableFact]
    public async Task A_proxy_whose_server_is_not_there_is_not_ready_and_names_it_until_it_comes()
    {
        await using var fleet = await StoreFleet.StartAsync(1);
        await fleet.Servers[0].KillAsync();
        var store = fleet.Open();
        Assert.Equal(SpendOutcome.Unavailable, await StoreFleet.SpendAsync(store, 1));
        await StoreFleet.UntilAsync(() => fleet.Log.Any(line => line.Contains(fleet.Servers[0].Address, StringComparison.Ordinal)));
        Assert.False(store.IsReady);
        await fleet.Servers[0].RestartEmptyAsync();
        await StoreFleet.UntilAsync(() => store.IsReady);
        Assert.Equal(SpendOutcome.Fresh, await StoreFleet.SpendAsync(store, 1));
        Assert.Single(fleet.Log, static line => line.Contains("is tried again", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_server_that_may_evict_is_named_in_a_warning_and_one_that_may_not_is_not()
    {
        await using var evicting = await StoreFleet.StartAsync(1);
        await using var refusing = await StoreFleet.StartAsync(1, "-M");
        await evicting.OpenReadyAsync();
        await refusing.OpenReadyAsync();
        await StoreFleet.UntilAsync(() => evicting.Log.Any(line => line.Contains($"{evicting.Servers[0].Address} evicts", StringComparison.Ordinal)));
        Assert.DoesNotContain(refusing.Log, static line => line.Contains("evicts", StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData(1L)]
    [InlineData(3600L)]
    [InlineData(90 * 86400L)]
    [InlineData(20 * 365 * 86400L)]
    [InlineData(200_000_000_000L)]
    public async Task A_token_is_remembered_whatever_the_lifetime_of_its_key(long seconds)
    {
        await using var fleet = await StoreFleet.StartAsync(1);
        var store = await fleet.OpenReadyAsync();
        var expires = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds;
        Assert.Equal(SpendOutcome.Fresh, await StoreFleet.SpendAsync(store, 1, expires));
        Assert.StartsWith("VALUE", await MemcachedText.GetAsync(fleet.Servers[0], TestTokens.Key(1)), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_token_whose_key_has_expired_is_refused()
    {
        await using var fleet = await StoreFleet.StartAsync(1);
        var store = await fleet.OpenReadyAsync();
        Assert.Equal(SpendOutcome.Unavailable, await StoreFleet.SpendAsync(store, 1, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1));
    }
}
