using Microsoft.Extensions.Logging;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>
/// Tokens that lie beside their markers. The markers are looked at seldom here: what a restarted memcached has forgotten is found
/// out by the command that it would have accepted, or not at all.
/// </summary>
public sealed class RouterTagTests
{
    private const int Rounds = 6;

    /// <summary>memcached's proxy waits longer each time before it tries a backend that has failed again.</summary>
    private const int RoundsOfThePatient = 2;
    private const int Tags = MemcachedOptions.UsualMarkers;

    public static TheoryData<RouterKind> Kinds => [RouterKind.Memcached1645, RouterKind.Memcached1638, RouterKind.Twemproxy];

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_token_lies_beside_the_marker_of_its_tag(RouterKind kind)
    {
        await using var pool = await RouterPool.StartAsync(kind, 3);
        await using var proxy = Proxy(1, pool.Router.Address);
        await UntilServingAsync(proxy);
        var tokens = FaultWorld.NewTokens(60);
        foreach (var token in tokens) Assert.Equal(SpendOutcome.Fresh, await SpendAsync(proxy, token));
        foreach (var backend in pool.Backends)
        {
            using var client = NodeClient.Connect(backend.EndPoint);
            Assert.All(tokens, token => Assert.Equal(client.HoldsMarkerOf(token, Tags), client.Holds(token, Tags)));
            Assert.InRange(tokens.Count(token => client.Holds(token, Tags)), 1, tokens.Length - 1);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_backend_restarted_empty_between_two_commands_accepts_no_token_spent_before_at_any_proxy(RouterKind kind)
    {
        await using var pool = await RouterPool.StartAsync(kind);
        await using var other = await MemcachedRouter.StartAsync(kind, pool.Backends.Select(backend => backend.Port));
        await using var first = Proxy(1, pool.Router.Address);
        await using var second = Proxy(1, other.Address);
        FaultyProxy[] proxies = [first, second];
        var rounds = kind == RouterKind.Twemproxy ? Rounds : RoundsOfThePatient;
        for (var round = 0; round < rounds; round++)
        {
            foreach (var proxy in proxies) await UntilServingAsync(proxy);
            var (spender, meeter) = (proxies[round % 2], proxies[round / 2 % 2]);
            var backend = pool.Backends[(round + round / 2) % 2];
            var spent = await SpendOnAsync(spender, backend);

            await backend.RestartEmptyAsync();
            // One after the other: each is alone the one that finds out.
            foreach (var token in spent) Assert.NotEqual(SpendOutcome.Fresh, await SpendAsync(meeter, token));
            foreach (var proxy in proxies)
                foreach (var token in spent) Assert.NotEqual(SpendOutcome.Fresh, await SpendAsync(proxy, token));
            await FaultWorld.UntilAsync("the loss is noticed where the token was met", async () =>
            {
                // Where the router says that the backend is away, those of the other make the markers be read.
                await OutcomesAsync(meeter, FaultWorld.NewTokens(4));
                return meeter.Metrics.MemoryLost(Address(meeter)) > 0;
            });
        }

        string Address(FaultyProxy proxy) => proxy == first ? pool.Router.Address : other.Address;
    }

    [SkippableFact]
    public async Task Of_three_routers_two_may_lose_a_backend_between_two_commands_and_no_token_spent_before_is_accepted()
    {
        var pools = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RouterPool.StartAsync(RouterKind.Twemproxy)));
        try
        {
            await using var proxy = Proxy(3, [.. pools.Select(pool => pool.Router.Address)]);
            for (var round = 0; round < Rounds / 2; round++)
            {
                await FaultWorld.UntilAsync("all serve", async () =>
                    pools.All(pool => proxy.Metrics.IsUp(pool.Router.Address)) && await SpendAsync(proxy, FaultWorld.NewToken()) == SpendOutcome.Fresh);
                var spent = FaultWorld.NewTokens(20);
                Assert.All(await OutcomesAsync(proxy, spent), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
                await Task.WhenAll(Enumerable.Range(round, 2).SelectMany(number => pools[number % 3].Backends).Select(backend => backend.RestartEmptyAsync()));
                foreach (var token in spent) Assert.NotEqual(SpendOutcome.Fresh, await SpendAsync(proxy, token));
            }
        }
        finally
        {
            foreach (var pool in pools) await pool.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_router_that_does_not_go_by_tags_is_named_in_the_log_once_it_shows_and_one_that_does_is_not()
    {
        await IsNamedAsync(RouterKind.TwemproxyWithoutTags, isNamed: true);
        await IsNamedAsync(RouterKind.Twemproxy, isNamed: false);
    }

    /// <summary>One backend dies; all the same tokens of the other are accepted.</summary>
    private static async Task IsNamedAsync(RouterKind kind, bool isNamed)
    {
        using var log = new RecordingLogs();
        using var logs = new LoggerFactory([log]);
        await using var pool = await RouterPool.StartAsync(kind);
        await using var proxy = new FaultyProxy([pool.Router.Address], 1, FaultWorld.Deadline, TimeSpan.FromMilliseconds(100),
            static options => options.Topology = MemcachedTopology.Router, log: logs.CreateLogger<MemcachedSpentTokenStore>());
        await UntilServingAsync(proxy);
        await pool.Backends[0].KillAsync();
        await FaultWorld.UntilAsync("it is told that a backend is away", () => Task.FromResult(log.Lines.Any(static line => line.Contains("are away", StringComparison.Ordinal))));
        var accepted = 0;
        await FaultWorld.UntilAsync("tokens of the other are accepted", async () => (accepted += (await OutcomesAsync(proxy, FaultWorld.NewTokens(100))).Count(static outcome => outcome == SpendOutcome.Fresh)) > 100);
        // Told at the next look, and there are several until it serves again.
        await pool.Backends[0].RestartEmptyAsync();
        await FaultWorld.UntilAsync("the loss is noticed", () => Task.FromResult(proxy.Metrics.MemoryLost(pool.Router.Address) > 0));
        await UntilServingAsync(proxy);
        Assert.Equal(isNamed, log.Lines.Any(static line => line.Contains("does not go by", StringComparison.Ordinal)));
    }

    private static FaultyProxy Proxy(int replicas, params string[] routers) => new(routers, replicas, FaultWorld.Deadline, TimeSpan.FromMilliseconds(100), static options =>
    {
        options.Topology = MemcachedTopology.Router;
        options.HealthInterval = TimeSpan.FromSeconds(2);
    });

    /// <summary>Spends tokens that a backend then holds.</summary>
    private static async Task<List<SpentToken>> SpendOnAsync(FaultyProxy proxy, MemcachedProcess backend)
    {
        using var client = NodeClient.Connect(backend.EndPoint);
        var spent = new List<SpentToken>();
        await FaultWorld.UntilAsync("the backend holds some", async () =>
        {
            var token = FaultWorld.NewToken();
            if (await SpendAsync(proxy, token) == SpendOutcome.Fresh && client.Holds(token, Tags)) spent.Add(token);
            return spent.Count == 5;
        });
        return spent;
    }

    private static Task UntilServingAsync(FaultyProxy proxy) => FaultWorld.UntilAsync("it serves through the router", async () =>
        (await OutcomesAsync(proxy, FaultWorld.NewTokens(4))).All(static outcome => outcome == SpendOutcome.Fresh));

    private static Task<SpendOutcome> SpendAsync(FaultyProxy proxy, SpentToken token) => proxy.Store.SpendAsync(token, CancellationToken.None).AsTask().WaitAsync(FaultWorld.Bound);

    private static Task<SpendOutcome[]> OutcomesAsync(FaultyProxy proxy, IEnumerable<SpentToken> tokens) => Task.WhenAll(tokens.Select(token => SpendAsync(proxy, token)));
}
