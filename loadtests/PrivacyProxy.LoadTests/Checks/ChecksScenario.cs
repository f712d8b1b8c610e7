using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memory;
using PrivacyProxy.Listeners.Engine;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary>One store under one load: throughput, latency, CPU time and allocations per check.</summary>
internal sealed class ChecksScenario(LoadScreen screen, ChecksSettings settings)
{
    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(2);

    public async Task<CheckResult> RunAsync()
    {
        await using var servers = await StoreServers.StartAsync(settings.Store, settings.Servers.Count == 0 ? settings.Replicas : 0, "-m", "2048", "-t", "2", "-M");
        await using var proxy = await ProxyCore.StartAsync(Complete(servers.Settings));
        screen.Progress($"{proxy.Store.Name}: {settings.Asked} for {settings.Seconds} s after {_warmUp.TotalSeconds} s of warm-up");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var result = await RunAsync(proxy);
        if (settings.Store == SpentTokenStoreKind.Memory && proxy.Store is MemorySpentTokenStore memory)
        {
            var spent = Capacity - memory.Left;
            screen.Text($"{Numbers.Count(spent)} tokens remembered, {Numbers.Fixed((GC.GetTotalMemory(forceFullCollection: true) - before) / (double)spent, 1)} bytes of managed memory each.");
        }
        return result;
    }

    private long Capacity => 2 * settings.MostChecks + 1_000;

    private StoreSettings Complete(StoreSettings own) => own with
    {
        Servers = settings.Servers.Count > 0 ? settings.Servers : own.Servers,
        SqliteFile = (settings.Sqlite is { } file ? Path.GetFullPath(file) : null) ?? own.SqliteFile,
        Replicas = settings.Store == SpentTokenStoreKind.Memcached ? settings.Replicas : null,
        Connections = settings.Connections,
        UsesLoops = settings.Engine == ListenerEngine.Native && settings.Rate is null,
        Capacity = settings.Store == SpentTokenStoreKind.Memory ? Capacity : null,
    };

    private Task<CheckResult> RunAsync(ProxyCore proxy)
    {
        var duration = TimeSpan.FromSeconds(settings.Seconds);
        if (settings.Rate is { } rate) return new OpenLoop(proxy.Store, settings.Asked, rate).RunAsync(_warmUp, duration);
        return new ClosedLoop(proxy.Store, settings.Asked, settings.Callers)
        {
            Loops = proxy.Loops,
            SampleEvery = settings.Store == SpentTokenStoreKind.Memory ? 64 : 1,
            MostChecks = settings.MostChecks,
        }.RunAsync(_warmUp, duration);
    }
}
