using System.Collections.Concurrent;
using System.Security.Cryptography;
using PrivacyPass;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyPass.SpentTokens.Memcached.Fleet;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>
/// Nodes that can be broken, the store of one proxy or more over them, and a ledger: the second acceptance of a token, an
/// exception, or a call without an end fails the test wherever it happens.
/// </summary>
internal sealed class FaultWorld : IAsyncDisposable
{
    /// <summary>Far more than a healthy node needs on a busy machine, and short enough for a matrix.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    /// <summary>No call may take longer. Generous: what it catches is a call that waits for the node and not for the deadline.</summary>
    public static readonly TimeSpan Bound = Deadline * 20;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<SpentTokenKey, int> _accepted = new();
    private readonly List<FaultyProxy> _proxies = [];

    private readonly TimeSpan _grace;

    private FaultWorld(FaultyNode[] nodes, TimeSpan grace) => (Nodes, _grace) = (nodes, grace);

    public FaultyNode[] Nodes { get; }

    /// <summary>The first proxy.</summary>
    public FaultyProxy Proxy => _proxies[0];

    /// <summary>Healthy nodes, as many as there are replicas, and a proxy that serves; or, with a fault, some nodes that are broken before the proxy is there.</summary>
    public static async Task<FaultWorld> StartAsync(int replicas, NodeFault? faultAtStart = null, int faulty = 0, int megabytes = FaultyNode.LeastMegabytes, double graceSeconds = 0.5)
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        var world = new FaultWorld(await Task.WhenAll(Enumerable.Range(0, replicas).Select(_ => FaultyNode.StartAsync(Deadline, megabytes))), TimeSpan.FromSeconds(graceSeconds));
        try
        {
            if (faultAtStart is { } fault) await world.BreakAsync(fault, faulty);
            world.AddProxy();
            if (faultAtStart is null) await world.WaitUntilAllServeAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another proxy over the same nodes, reached at the addresses given or through the same relays.</summary>
    public FaultyProxy AddProxy(IEnumerable<string>? addresses = null)
    {
        // By other names on purpose; here, where every node holds every token, the same place.
        var placement = FleetPlacement.Of(new MemcachedOptions { Servers = [.. Nodes.Select(node => node.Address)], Replicas = Nodes.Length });
        var proxy = new FaultyProxy(addresses ?? Nodes.Select(node => node.Address), Nodes.Length, Deadline, _grace, change: null, new FleetRecord(placement));
        _proxies.Add(proxy);
        return proxy;
    }

    public static SpentToken NewToken() =>
        new(new SpentTokenKey(RandomNumberGenerator.GetBytes(SpentTokenKey.Size)), TokenKeyId.Of("an issuer key"u8), DateTimeOffset.UtcNow.AddDays(60).ToUnixTimeSeconds());

    public static SpentToken[] NewTokens(int count = 20) => [.. Enumerable.Range(0, count).Select(_ => NewToken())];

    /// <summary>Breaks the first so many nodes, at once.</summary>
    public Task BreakAsync(NodeFault fault, int count = 1) => Task.WhenAll(Nodes.Take(count).Select(node => node.BreakAsync(fault)));

    public Task MendAsync(int count = 1) => Task.WhenAll(Nodes.Take(count).Select(node => node.MendAsync()));

    public Task<SpendOutcome> SpendAsync(SpentToken token) => SpendAsync(Proxy, token);

    public async Task<SpendOutcome> SpendAsync(FaultyProxy proxy, SpentToken token)
    {
        var outcome = await proxy.Store.SpendAsync(token, CancellationToken.None).AsTask().WaitAsync(Bound);
        if (outcome == SpendOutcome.Fresh)
            Assert.True(_accepted.AddOrUpdate(token.Key, 1, static (_, count) => count + 1) == 1, "A token was accepted twice.");
        return outcome;
    }

    /// <summary>All at once.</summary>
    public Task<SpendOutcome[]> SpendAsync(IEnumerable<SpentToken> tokens) => Task.WhenAll(tokens.Select(SpendAsync));

    /// <summary>All at once.</summary>
    public Task<SpendOutcome[]> LookUpAsync(IEnumerable<SpentToken> tokens) =>
        Task.WhenAll(tokens.Select(token => Proxy.Store.LookUpAsync(token, CancellationToken.None).AsTask().WaitAsync(Bound)));

    /// <summary>Spends tokens that must all be accepted.</summary>
    public async Task<SpentToken[]> AcceptAsync(int count = 20)
    {
        var tokens = NewTokens(count);
        Assert.All(await SpendAsync(tokens), outcome => Assert.Equal(SpendOutcome.Fresh, outcome));
        return tokens;
    }

    /// <summary>Offers new tokens until one is accepted by each proxy; meanwhile tokens of before are replayed, which the ledger watches.</summary>
    public async Task WaitUntilServingAsync(params SpentToken[] replayed)
    {
        foreach (var proxy in _proxies)
        {
            await UntilAsync("a new token is accepted again", async () =>
            {
                foreach (var token in replayed.Take(3)) await SpendAsync(proxy, token);
                return await SpendAsync(proxy, NewToken()) == SpendOutcome.Fresh && proxy.Store.IsReady;
            });
        }
    }

    /// <summary>Waits until every node counts in the proxy's votes.</summary>
    public async Task WaitUntilAllServeAsync()
    {
        await WaitUntilServingAsync();
        foreach (var proxy in _proxies)
            await UntilAsync("every node is up", () => Task.FromResult(Nodes.All(node => proxy.Metrics.IsUp(node.Address))));
    }

    /// <summary>Replays tokens until each is known for spent; the ledger sees to it that none is accepted.</summary>
    public async Task AreRefusedAsync(params SpentToken[] tokens)
    {
        foreach (var token in tokens)
            await UntilAsync("a spent token is known for spent", async () => await SpendAsync(token) == SpendOutcome.AlreadySpent);
    }

    public static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (!await holds())
        {
            Assert.False(patience.IsCancellationRequested, $"Not within {_patience}: {what}.");
            await Task.Delay(_poll, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies) await proxy.DisposeAsync();
        foreach (var node in Nodes) await node.DisposeAsync();
    }
}
