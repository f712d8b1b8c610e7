using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.Requests;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.SpentTokens.Memcached;

namespace PrivacyProxy.Tests.SpentTokens.Memcached.Faults;

/// <summary>Through a router that speaks the classic protocol: memcached's own proxy in front of two plain ones.</summary>
public sealed class RouterTests
{
    private static readonly TimeSpan _grace = TimeSpan.FromMilliseconds(500);

    [SkippableFact]
    public async Task Tokens_are_spent_looked_up_and_refused_again_through_a_router()
    {
        var backends = await StartBackendsAsync();
        await using var first = backends[0];
        await using var second = backends[1];
        await using var router = await MemcachedRouter.StartAsync(backends.Select(backend => backend.Port));
        await using var proxy = Proxy(1, router.Address);
        await UntilServingAsync(proxy);

        var tokens = FaultWorld.NewTokens(200);
        Assert.All(await OutcomesAsync(tokens, proxy.Store.LookUpAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        Assert.All(await OutcomesAsync(tokens, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        Assert.All(await OutcomesAsync(tokens, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
        Assert.All(await OutcomesAsync(tokens, proxy.Store.LookUpAsync), outcome => Assert.Equal(SpendOutcome.AlreadySpent, outcome));
        // The router did its work: each backend has a part.
        Assert.All(backends, backend => Assert.InRange(Held(backend, tokens), 1, tokens.Length - 1));
        Assert.Equal(tokens.Length, backends.Sum(backend => Held(backend, tokens)));
    }

    [SkippableFact]
    public async Task A_backend_that_dies_behind_the_router_is_refused_not_guessed()
    {
        var backends = await StartBackendsAsync();
        await using var first = backends[0];
        await using var second = backends[1];
        await using var router = await MemcachedRouter.StartAsync(backends.Select(backend => backend.Port));
        await using var proxy = Proxy(1, router.Address);
        await UntilServingAsync(proxy);
        var spent = FaultWorld.NewTokens(100);
        Assert.All(await OutcomesAsync(spent, proxy.Store.SpendAsync), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        var survivors = spent.Where(token => Holds(second, token)).ToArray();

        await first.KillAsync();
        var replays = await OutcomesAsync(spent, proxy.Store.SpendAsync);
        Assert.DoesNotContain(SpendOutcome.Fresh, replays);
        Assert.Contains(SpendOutcome.Unavailable, await OutcomesAsync(FaultWorld.NewTokens(100), proxy.Store.SpendAsync));
        await FaultWorld.UntilAsync("what the other backend has is known for spent", async () =>
            (await OutcomesAsync(survivors, proxy.Store.SpendAsync)).All(outcome => outcome == SpendOutcome.AlreadySpent));
    }

    [SkippableFact]
    public async Task Three_routers_are_three_replicas_and_one_may_die()
    {
        var backends = await StartBackendsAsync(3);
        var routers = new List<MemcachedRouter>();
        try
        {
            foreach (var backend in backends) routers.Add(await MemcachedRouter.StartAsync([backend.Port]));
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
            foreach (var router in routers) await router.DisposeAsync();
            foreach (var backend in backends) await backend.DisposeAsync();
        }
    }

    private static FaultyProxy Proxy(int replicas, params string[] routers) =>
        new(routers, replicas, FaultWorld.Deadline, _grace, static options => options.Topology = MemcachedTopology.Router);

    private static async Task<MemcachedProcess[]> StartBackendsAsync(int count = 2)
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        MemcachedRouter.SkipWhereMissing();
        return await Task.WhenAll(Enumerable.Range(0, count).Select(_ => MemcachedProcess.StartAsync("-m", "8", "-M", "-t", "1")));
    }

    private static Task UntilServingAsync(FaultyProxy proxy) => FaultWorld.UntilAsync("it serves through the router", async () =>
        await proxy.Store.SpendAsync(FaultWorld.NewToken(), CancellationToken.None) == SpendOutcome.Fresh);

    private static Task<SpendOutcome[]> OutcomesAsync(IEnumerable<SpentToken> tokens, Func<SpentToken, CancellationToken, ValueTask<SpendOutcome>> ask) =>
        Task.WhenAll(tokens.Select(token => ask(token, CancellationToken.None).AsTask().WaitAsync(FaultWorld.Bound)));

    private static bool Holds(MemcachedProcess backend, SpentToken token)
    {
        using var client = NodeClient.Connect(backend.EndPoint);
        return client.Holds(token);
    }

    private static int Held(MemcachedProcess backend, IEnumerable<SpentToken> tokens)
    {
        using var client = NodeClient.Connect(backend.EndPoint);
        return tokens.Count(client.Holds);
    }
}
