using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>Through a router that speaks the classic protocol: memcached's own proxy in front of two plain ones.</summary>
public sealed class RouterTests
{
    private static readonly TimeSpan _grace = TimeSpan.FromMilliseconds(500);

    public static TheoryData<RouterKind> Kinds => [.. Enum.GetValues<RouterKind>()];

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task Tokens_are_spent_looked_up_and_refused_again_through_a_router(RouterKind kind)
    {
        await using var pool = await RouterPool.StartAsync(kind);
        // Nothing fails here, however busy the machine: nothing is given up.
        await using var proxy = Proxy(1, FaultWorld.Bound, pool.Router.Address);
        await UntilServingAsync(proxy);

        var tokens = FaultWorld.NewTokens(200);
        Assert.All(await OutcomesAsync(tokens, proxy.Store.LookUpAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        Assert.All(await OutcomesAsync(tokens, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        Assert.All(await OutcomesAsync(tokens, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
        Assert.All(await OutcomesAsync(tokens, proxy.Store.LookUpAsync), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
        // The router did its work: each backend has a part.
        Assert.All(pool.Backends, backend => Assert.InRange(Held(backend, tokens), 1, tokens.Length - 1));
        Assert.Equal(tokens.Length, pool.Backends.Sum(backend => Held(backend, tokens)));
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_backend_that_dies_behind_the_router_is_refused_not_guessed(RouterKind kind)
    {
        await using var pool = await RouterPool.StartAsync(kind);
        await using var proxy = Proxy(1, pool.Router.Address);
        await UntilServingAsync(proxy);
        var spent = FaultWorld.NewTokens(100);
        Assert.All(await OutcomesAsync(spent, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        var survivors = spent.Where(token => Holds(pool.Backends[1], token)).ToArray();

        await pool.Backends[0].KillAsync();
        var replays = await OutcomesAsync(spent, proxy.Store.SpendAsync);
        Assert.DoesNotContain(SpendOutcome.Fresh, replays);
        await FaultWorld.UntilAsync("what the other backend has is known for spent", async () =>
            (await OutcomesAsync(survivors, proxy.Store.SpendAsync)).All(outcome => outcome == SpendOutcome.AlreadySpent));
        await ServesOthersAsync(proxy);
        Assert.True(proxy.Store.IsReady);
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_backend_that_stalls_costs_its_own_tokens_and_is_asked_again_when_it_answers(RouterKind kind)
    {
        await using var pool = await RouterPool.StartAsync(kind);
        await using var proxy = Proxy(1, pool.Router.Address);
        await UntilServingAsync(proxy);
        pool.Backends[0].Stop();
        try
        {
            await ServesOthersAsync(proxy);
        }
        finally
        {
            pool.Backends[0].Continue();
        }
        await FaultWorld.UntilAsync("all are accepted again", async () =>
            (await OutcomesAsync(FaultWorld.NewTokens(50), proxy.Store.SpendAsync)).All(outcome => outcome == SpendOutcome.Fresh));
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_backend_that_comes_back_empty_is_given_what_either_of_two_proxies_spent_before_it_is_believed(RouterKind kind)
    {
        await using var pool = await RouterPool.StartAsync(kind);
        await using var other = await MemcachedRouter.StartAsync(kind, pool.Backends.Select(backend => backend.Port));
        await using var first = Proxy(1, pool.Router.Address);
        await using var second = Proxy(1, other.Address);
        await UntilServingAsync(first);
        await UntilServingAsync(second);
        var ours = FaultWorld.NewTokens(100);
        var theirs = FaultWorld.NewTokens(100);
        Assert.All(await OutcomesAsync(ours, first.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        Assert.All(await OutcomesAsync(theirs, second.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));

        await pool.Backends[0].KillAsync();
        foreach (var proxy in (FaultyProxy[])[first, second])
            await FaultWorld.UntilAsync("the loss is met", async () => (await OutcomesAsync(ours, proxy.Store.SpendAsync)).Contains(SpendOutcome.Unavailable));
        await pool.Backends[0].RestartEmptyAsync();
        SpentToken[] all = [.. ours, .. theirs];
        foreach (var proxy in (FaultyProxy[])[first, second])
        {
            await FaultWorld.UntilAsync("each is known for spent, and none was accepted meanwhile", async () =>
            {
                var outcomes = await OutcomesAsync(all, proxy.Store.SpendAsync);
                Assert.DoesNotContain(SpendOutcome.Fresh, outcomes);
                return outcomes.All(outcome => outcome == SpendOutcome.AlreadySpent);
            });
            Assert.True(proxy.Metrics.MemoryLost(proxy == first ? pool.Router.Address : other.Address) > 0);
            await UntilServingAsync(proxy);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task Any_backend_that_is_restarted_at_once_is_noticed_and_refilled(RouterKind kind)
    {
        await using var pool = await RouterPool.StartAsync(kind);
        await using var proxy = Proxy(1, pool.Router.Address);
        await UntilServingAsync(proxy);
        foreach (var backend in pool.Backends)
        {
            var spent = FaultWorld.NewTokens(50);
            Assert.All(await OutcomesAsync(spent, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
            var before = proxy.Metrics.MemoryLost(pool.Router.Address);
            await backend.RestartEmptyAsync();
            // Nothing is offered before: between a restart that no command met and the next look nobody can know.
            await FaultWorld.UntilAsync("the loss is noticed", () => Task.FromResult(proxy.Metrics.MemoryLost(pool.Router.Address) > before));
            await UntilServingAsync(proxy);
            Assert.All(await OutcomesAsync(spent, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_router_that_is_started_again_costs_nothing_but_the_time(RouterKind kind)
    {
        await using var pool = await RouterPool.StartAsync(kind);
        await using var proxy = Proxy(1, pool.Router.Address);
        await UntilServingAsync(proxy);
        var spent = FaultWorld.NewTokens(50);
        Assert.All(await OutcomesAsync(spent, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        // A slow machine may have seen some markers only after the others.
        var before = proxy.Metrics.MemoryLost(pool.Router.Address);
        await pool.Router.RestartAsync();
        // It opens its connections one by one: until then some cannot be answered for, and none is fresh.
        await FaultWorld.UntilAsync("every backend is there again", async () =>
        {
            var outcomes = await OutcomesAsync(spent, proxy.Store.SpendAsync);
            Assert.DoesNotContain(SpendOutcome.Fresh, outcomes);
            return outcomes.All(static outcome => outcome == SpendOutcome.AlreadySpent);
        });
        Assert.Equal(before, proxy.Metrics.MemoryLost(pool.Router.Address));
    }

    [SkippableFact]
    public async Task Taken_for_a_node_a_router_that_hangs_up_at_stats_still_serves()
    {
        await using var pool = await RouterPool.StartAsync(RouterKind.Twemproxy);
        await using var proxy = new FaultyProxy([pool.Router.Address], 1, FaultWorld.Deadline, _grace);
        await UntilServingAsync(proxy);
        for (var round = 0; round < 10; round++)
            Assert.All(await OutcomesAsync(FaultWorld.NewTokens(20), proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        Assert.Equal(0, proxy.Metrics.Reconnects(pool.Router.Address));
    }

    [SkippableFact]
    public async Task Three_routers_are_three_replicas_and_one_may_die()
    {
        var backends = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RouterPool.StartAsync(RouterKind.Memcached1645, 1)));
        try
        {
            var routers = backends.Select(pool => pool.Router).ToArray();
            await using var proxy = Proxy(3, [.. routers.Select(router => router.Address)]);
            await UntilServingAsync(proxy);
            await FaultWorld.UntilAsync("every node is up", () => Task.FromResult(routers.All(router => proxy.Metrics.IsUp(router.Address))));
            await routers[0].KillAsync();
            var tokens = FaultWorld.NewTokens(50);
            Assert.All(await OutcomesAsync(tokens, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
            Assert.All(await OutcomesAsync(tokens, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
        }
        finally
        {
            foreach (var pool in backends) await pool.DisposeAsync();
        }
    }

    private static FaultyProxy Proxy(int replicas, params string[] routers) => Proxy(replicas, FaultWorld.Deadline, routers);

    private static FaultyProxy Proxy(int replicas, TimeSpan deadline, params string[] routers) =>
        new(routers, replicas, deadline, _grace, static options => options.Topology = MemcachedTopology.Router);

    /// <summary>Some new tokens are accepted and others are not, for as long as it takes to know which is which.</summary>
    private static Task ServesOthersAsync(FaultyProxy proxy) => FaultWorld.UntilAsync("the tokens of one backend are refused, those of the other accepted", async () =>
    {
        var outcomes = await OutcomesAsync(FaultWorld.NewTokens(40), proxy.Store.SpendAsync);
        return outcomes.Contains(SpendOutcome.Fresh) && outcomes.Contains(SpendOutcome.Unavailable);
    });

    private static Task UntilServingAsync(FaultyProxy proxy) => FaultWorld.UntilAsync("it serves through the router", async () =>
        await proxy.Store.SpendAsync(FaultWorld.NewToken(), CancellationToken.None) == SpendOutcome.Fresh);

    private static Task<SpendOutcome[]> OutcomesAsync(IEnumerable<SpentToken> tokens, Func<SpentToken, CancellationToken, ValueTask<SpendOutcome>> ask) =>
        Task.WhenAll(tokens.Select(token => ask(token, CancellationToken.None).AsTask().WaitAsync(FaultWorld.Bound)));

    private static bool Holds(MemcachedProcess backend, SpentToken token)
    {
        using var client = NodeClient.Connect(backend.EndPoint);
        return client.Holds(token, MemcachedOptions.UsualMarkers);
    }

    private static int Held(MemcachedProcess backend, IEnumerable<SpentToken> tokens)
    {
        using var client = NodeClient.Connect(backend.EndPoint);
        return tokens.Count(token => client.Holds(token, MemcachedOptions.UsualMarkers));
    }
}
