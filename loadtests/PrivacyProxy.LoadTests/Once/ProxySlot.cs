using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>One of the proxies: its clients stay when it is replaced by a new one.</summary>
internal sealed class ProxySlot : IAsyncDisposable
{
    private readonly StoreSettings _settings;
    private readonly Lock _lock = new();
    private Instance _instance;

    private ProxySlot(StoreSettings settings, ProxyCore core)
    {
        _settings = settings;
        _instance = new Instance(core);
    }

    public static async Task<ProxySlot> StartAsync(StoreSettings settings) => new(settings, await ProxyCore.StartAsync(settings));

    /// <summary>Whether it counts the votes of every node.</summary>
    public bool HasAllNodes => _instance.Core.Store is MemcachedSpentTokenStore store && store.NodeStates.All(static node => node.State == NodeState.Up);

    public async ValueTask<SpendOutcome> SpendAsync(SpentToken token)
    {
        Instance instance;
        lock (_lock) (instance = _instance).InFlight++;
        try
        {
            return await instance.Core.Store.SpendAsync(token, CancellationToken.None);
        }
        finally
        {
            lock (_lock)
                if (--instance.InFlight == 0 && instance != _instance) instance.Idle.TrySetResult();
        }
    }

    /// <summary>As a rolling restart: the new one takes over, the old one answers what it has and ends.</summary>
    public async Task RestartAsync()
    {
        var next = new Instance(await ProxyCore.StartAsync(_settings));
        Instance old;
        lock (_lock)
        {
            (old, _instance) = (_instance, next);
            if (old.InFlight == 0) old.Idle.TrySetResult();
        }
        await old.Idle.Task;
        await old.Core.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _instance.Core.DisposeAsync();

    private sealed class Instance(ProxyCore core)
    {
        public ProxyCore Core { get; } = core;

        public int InFlight { get; set; }

        public TaskCompletionSource Idle { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
