using Microsoft.Extensions.Logging.Abstractions;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Fleet;

/// <summary>Proxies with different settings over the same memcacheds.</summary>
public sealed class DisagreementTests : IAsyncLifetime
{
    private readonly ProxyMeter _meter = new();
    private readonly SpentTokenMetrics _metrics;
    private readonly List<ISpentTokenStore> _stores = [];
    private MemcachedProcess[] _servers = [];

    public DisagreementTests() => _metrics = new SpentTokenMetrics(_meter);

    public async Task InitializeAsync()
    {
        if (MemcachedProcess.IsInstalled) _servers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => MemcachedProcess.StartAsync("-M", "-m", "8", "-t", "1")));
    }

    public async Task DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        foreach (var server in _servers) await server.DisposeAsync();
        _meter.Dispose();
    }

    [SkippableTheory]
    [InlineData(1, "pp:", 3, "Replicas (here 1, there 3)")]
    [InlineData(3, "xx:", 3, "KeyPrefix (here xx:, there pp:)")]
    [InlineData(3, "pp:", 4, "Servers (here 4, there 3 of them)")]
    public async Task A_proxy_whose_settings_differ_is_not_ready_names_the_setting_and_accepts_nothing(int replicas, string prefix, int servers, string named)
    {
        var right = await ReadyAsync(Open());
        var token = FaultWorld.NewToken();
        Assert.Equal(SpendOutcome.Fresh, await right.SpendAsync(token, CancellationToken.None));

        var wrong = Open(options => (options.Servers, options.Replicas, options.KeyPrefix) = ([.. _servers.Take(servers).Select(server => server.Address)], replicas, prefix));
        await FaultWorld.UntilAsync("it says why", () => Task.FromResult(wrong.NotReady?.Contains(named, StringComparison.Ordinal) == true));
        Assert.False(wrong.IsReady);
        Assert.Equal(SpendOutcome.Unavailable, await wrong.SpendAsync(token, CancellationToken.None));
        Assert.Equal(SpendOutcome.Unavailable, await wrong.SpendAsync(FaultWorld.NewToken(), CancellationToken.None));
        // The one that was there first is not touched.
        Assert.Null(right.NotReady);
        Assert.Equal(SpendOutcome.Fresh, await right.SpendAsync(FaultWorld.NewToken(), CancellationToken.None));
    }

    [SkippableFact]
    public async Task A_fleet_moves_to_other_servers_proxy_by_proxy_and_forgets_and_refuses_nothing()
    {
        var old = await ReadyAsync(Open());
        var spent = FaultWorld.NewTokens();
        await AcceptsAsync(old, spent);

        // Step 1: each proxy in turn is given the new list, and the old one as the previous.
        var moving = await ReadyAsync(Open(Move));
        await AreSpentAsync(moving, spent);
        var during = FaultWorld.NewTokens();
        await AcceptsAsync(moving, during[..10]);
        await AcceptsAsync(old, during[10..]);
        await AreSpentAsync(old, during);
        await AreSpentAsync(moving, during);
        await StopAsync(old);

        // Step 2, once the keys of the tokens before have ended: the previous list is dropped.
        var both = FaultWorld.NewTokens();
        await AcceptsAsync(moving, both);
        var moved = await ReadyAsync(Open(options =>
        {
            Move(options);
            options.Previous = new();
        }));
        await AreSpentAsync(moved, both);
        var after = FaultWorld.NewTokens();
        await AcceptsAsync(moved, after[..10]);
        await AcceptsAsync(moving, after[10..]);
        await AreSpentAsync(moving, after);
        await AreSpentAsync(moved, after);

        // Who was forgotten with the old list does not serve.
        var late = Open();
        await FaultWorld.UntilAsync("it says why", () => Task.FromResult(late.NotReady?.Contains("KeyPrefix", StringComparison.Ordinal) == true));
        Assert.Equal(SpendOutcome.Unavailable, await late.SpendAsync(after[0], CancellationToken.None));
    }

    private void Move(MemcachedOptions options)
    {
        options.Previous = new MemcachedPlacementOptions { Servers = options.Servers, Replicas = options.Replicas, KeyPrefix = options.KeyPrefix };
        options.Servers = [.. _servers.Skip(1).Select(server => server.Address)];
        options.KeyPrefix = "pq:";
    }

    private ISpentTokenStore Open(Action<MemcachedOptions>? change = null)
    {
        Skip.If(_servers.Length == 0, "memcached is not installed");
        var options = new MemcachedOptions
        {
            Servers = [.. _servers.Take(3).Select(server => server.Address)],
            Replicas = 3,
            Deadline = TimeSpan.FromSeconds(3),
            HealthInterval = TimeSpan.FromMilliseconds(200),
        };
        change?.Invoke(options);
        var store = SpentTokenStores.Memcached(options, _metrics, TimeProvider.System, NullLogger<MemcachedSpentTokenStore>.Instance);
        _stores.Add(store);
        return store;
    }

    private ValueTask StopAsync(ISpentTokenStore store)
    {
        _stores.Remove(store);
        return store.DisposeAsync();
    }

    private static async Task<ISpentTokenStore> ReadyAsync(ISpentTokenStore store)
    {
        await FaultWorld.UntilAsync("it is ready", async () => store.IsReady && await store.SpendAsync(FaultWorld.NewToken(), CancellationToken.None) == SpendOutcome.Fresh);
        return store;
    }

    private static async Task AcceptsAsync(ISpentTokenStore store, SpentToken[] tokens)
    {
        foreach (var token in tokens) Assert.Equal(SpendOutcome.Fresh, await store.SpendAsync(token, CancellationToken.None));
    }

    private static async Task AreSpentAsync(ISpentTokenStore store, SpentToken[] tokens)
    {
        foreach (var token in tokens) Assert.Equal(SpendOutcome.AlreadySpent, await store.SpendAsync(token, CancellationToken.None));
    }
}
