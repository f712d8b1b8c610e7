using System.Collections.Concurrent;
using System.Diagnostics;
using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Once;

/// <summary>Does faults to the nodes, one at a time, in an order that the seed decides; the next only after all have recovered.</summary>
internal sealed class NodeFaults(IReadOnlyList<MemcachedProcess> nodes, OnceSettings settings, FaultWindow window)
{
    /// <summary>A proxy that has not seen yet that its connections are gone still counts on the node.</summary>
    private static readonly TimeSpan _notice = TimeSpan.FromMilliseconds(300);

    /// <summary>As many new tokens as reach every node, also behind a router.</summary>
    private const int Tries = 100;

    private readonly Random _random = new(settings.Seed);
    private readonly RandomTokens _tries = new((ulong)Random.Shared.NextInt64());
    private readonly ConcurrentDictionary<NodeFault, int> _counts = [];

    /// <summary>Read from any thread.</summary>
    public IReadOnlyDictionary<NodeFault, int> Counts => _counts;

    /// <summary>Waits until every proxy counts on every node: a store is ready before its last node votes.</summary>
    public Task WaitForAllNodesAsync(IReadOnlyList<ProxySlot> proxies) => RecoverAsync("the start", proxies);

    /// <summary>Begins with a fault at once, goes on until cancelled, and leaves every node running.</summary>
    /// <param name="proxies">One of them is replaced now and then, where the settings say so.</param>
    /// <param name="cancellationToken">Ends it after the fault under way.</param>
    public async Task RunAsync(IReadOnlyList<ProxySlot> proxies, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var (node, fault) = (nodes[_random.Next(nodes.Count)], (NodeFault)_random.Next(Enum.GetValues<NodeFault>().Length));
            var duration = TimeSpan.FromMilliseconds(_random.Next(50, 2_000));
            var pause = TimeSpan.FromMilliseconds(_random.Next(0, 500));
            await DoAsync(node, fault, duration);
            await RecoverAsync($"{node.Address} was {fault}", proxies);
            window.End();
            if (settings.RestartProxies && _random.Next(2) == 0) await proxies[_random.Next(proxies.Count)].RestartAsync();
            await Task.Delay(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DoAsync(MemcachedProcess node, NodeFault fault, TimeSpan duration)
    {
        _counts.AddOrUpdate(fault, 1, static (_, count) => count + 1);
        window.Begin();
        switch (fault)
        {
            case NodeFault.Killed:
                await node.KillAsync();
                await Task.Delay(duration);
                await node.RestartEmptyAsync();
                break;
            case NodeFault.Stopped:
                node.Stop();
                await Task.Delay(duration);
                node.Continue();
                break;
            default:
                await node.RestartEmptyAsync();
                break;
        }
    }

    /// <summary>The next fault must not come into the middle of recovery: two ill nodes of three are a majority.</summary>
    private async Task RecoverAsync(string what, IReadOnlyList<ProxySlot> proxies)
    {
        await Task.Delay(_notice);
        var startedAt = Stopwatch.GetTimestamp();
        // That it counts on all nodes may be because it has not seen the fault yet: what it accepts tells.
        while (!proxies.All(static proxy => proxy.HasAllNodes) || !await AcceptAsync(proxies))
        {
            if (Stopwatch.GetElapsedTime(startedAt) > OnceSettings.Recovery) throw new TimeoutException($"Not every proxy counts on all nodes {OnceSettings.Recovery.TotalSeconds} s after {what}.");
            await Task.Delay(10);
        }
    }

    /// <summary>Whether each proxy accepts new tokens of every node.</summary>
    private async Task<bool> AcceptAsync(IReadOnlyList<ProxySlot> proxies)
    {
        foreach (var proxy in proxies)
        {
            var tokens = Enumerable.Range(0, Tries).Select(_ => _tries.Next()).ToArray();
            var outcomes = await Task.WhenAll(tokens.Select(token => proxy.SpendAsync(token).AsTask()));
            if (outcomes.Any(static outcome => outcome != SpendOutcome.Fresh)) return false;
        }
        return true;
    }
}
