using System.Diagnostics;
using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Harness;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>The proof of "once" for memcached: proxies race for tokens while nodes fail, then the ledger is read.</summary>
internal sealed class MemcachedOnce(OnceSettings settings)
{
    private readonly FaultWindow _window = new(toleratesOne: settings.ReplicasOfToken >= 3);

    /// <summary>How often each fault was done.</summary>
    public IReadOnlyDictionary<NodeFault, int> Faults { get; private set; } = new Dictionary<NodeFault, int>();

    /// <param name="progress">A line for the screen, every now and then.</param>
    public async Task<OnceVerdict> RunAsync(Action<string> progress)
    {
        await using var servers = await StoreServers.StartAsync(SpentTokenStoreKind.Memcached, settings.Nodes, "-m", "256", "-t", "1", "-M");
        await using var router = settings.Router ? await TwemproxyProcess.StartAsync(servers.Settings.Servers) : null;
        var store = servers.Settings with { Replicas = settings.ReplicasOfToken, Deadline = settings.Deadline is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null };
        if (router is not null) store = store with { Servers = [router.Address], IsRouter = true };
        var proxies = new List<ProxySlot>();
        try
        {
            for (var i = 0; i < settings.Proxies; i++) proxies.Add(await ProxySlot.StartAsync(store));
            var ledger = new SpendLedger(settings.Tokens);
            await OfferAsync(new OfferRun(ledger, settings, proxies, _window), proxies, new NodeFaults(servers.Nodes, settings, _window), progress);
            return OnceVerdict.Of(ledger);
        }
        finally
        {
            foreach (var proxy in proxies) await proxy.DisposeAsync();
        }
    }

    private async Task OfferAsync(OfferRun run, List<ProxySlot> proxies, NodeFaults faults, Action<string> progress)
    {
        Faults = faults.Counts;
        await faults.WaitForAllNodesAsync(proxies);
        // The first fault comes now: however quick the machine is, tokens are offered in the midst of it.
        using var end = new CancellationTokenSource();
        var failing = faults.RunAsync(proxies, end.Token);
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            await run.RunAsync(next => progress($"{next:N0} of {settings.Tokens:N0} tokens, {faults.Counts.Values.Sum()} faults, {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:F0} s"));
        }
        finally
        {
            await end.CancelAsync();
            await failing;
        }
        await run.ReplayAsync(next => progress($"offering the accepted ones again: {next:N0}"));
    }
}
