using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Nodes;

/// <summary>Real memcached processes and the stores of proxies that share them.</summary>
internal sealed class StoreFleet : IAsyncDisposable
{
    private readonly List<MemcachedSpentTokenStore> _stores = [];
    private readonly ProxyMeter _meter = new();

    private StoreFleet(MemcachedProcess[] servers) => (Servers, Metrics) = (servers, new SpentTokenMetrics(_meter));

    /// <summary>The time limit of everything a test waits for; reached only when it fails.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    public MemcachedProcess[] Servers { get; }

    public SpentTokenMetrics Metrics { get; }

    /// <summary>What the stores have logged.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    public static long InAnHour => DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 3600;

    public static async Task<StoreFleet> StartAsync(int servers, params string[] flags)
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        var started = new MemcachedProcess[servers];
        for (var i = 0; i < servers; i++) started[i] = await MemcachedProcess.StartAsync(flags);
        return new StoreFleet(started);
    }

    /// <summary>The store of one more proxy.</summary>
    public MemcachedSpentTokenStore Open(int replicas = 1, Action<MemcachedOptions>? change = null)
    {
        var options = new MemcachedOptions { Servers = [.. Servers.Select(static server => server.Address)], Replicas = replicas, Deadline = TimeSpan.FromSeconds(3), HealthInterval = TimeSpan.FromMilliseconds(200) };
        change?.Invoke(options);
        var store = new MemcachedSpentTokenStore(options, Metrics, TimeProvider.System, new QueueLogger(Log));
        _stores.Add(store);
        return store;
    }

    public async Task<MemcachedSpentTokenStore> OpenReadyAsync(int replicas = 1, Action<MemcachedOptions>? change = null)
    {
        var store = Open(replicas, change);
        await UntilAsync(() => store.NodeStates.All(static node => node.State == NodeState.Up));
        return store;
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition()) await Task.Delay(5, limit.Token);
    }

    public static ValueTask<SpendOutcome> SpendAsync(MemcachedSpentTokenStore store, int token, long? expires = null) =>
        store.SpendAsync(TestTokens.Token(token, expires ?? InAnHour), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) await store.DisposeAsync();
        foreach (var server in Servers) await server.DisposeAsync();
        _meter.Dispose();
    }

    private sealed class QueueLogger(ConcurrentQueue<string> log) : ILogger<MemcachedSpentTokenStore>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => log.Enqueue(formatter(state, exception));
    }
}
