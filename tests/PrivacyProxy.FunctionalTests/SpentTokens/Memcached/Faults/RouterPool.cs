namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>Plain memcacheds and a router in front of them.</summary>
internal sealed class RouterPool : IAsyncDisposable
{
    private RouterPool(MemcachedProcess[] backends, MemcachedRouter router) => (Backends, Router) = (backends, router);

    public MemcachedProcess[] Backends { get; }

    public MemcachedRouter Router { get; }

    public static async Task<RouterPool> StartAsync(RouterKind kind, int backends = 2)
    {
        Skip.IfNot(MemcachedProcess.IsInstalled, "memcached is not installed");
        MemcachedRouter.SkipWhereMissing(kind);
        var started = await Task.WhenAll(Enumerable.Range(0, backends).Select(_ => MemcachedProcess.StartAsync("-m", "8", "-M", "-t", "1")));
        return new RouterPool(started, await MemcachedRouter.StartAsync(kind, started.Select(backend => backend.Port)));
    }

    public async ValueTask DisposeAsync()
    {
        await Router.DisposeAsync();
        foreach (var backend in Backends) await backend.DisposeAsync();
    }
}
