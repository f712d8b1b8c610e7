using System.Diagnostics;
using System.Net;
using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Nagle;

/// <summary>The same checks four ways against one memcached: the 40 ms on a desk.</summary>
internal sealed class NagleScenario(LoadScreen screen, int checks, TimeSpan limit)
{
    private const int WarmUp = 20;

    private static readonly WritePattern[] _patterns = [WritePattern.ThreeWritesWithNagle, WritePattern.ThreeWritesWithoutNagle, WritePattern.OneWriteWithNagle];

    /// <summary>Each way does so many checks, or as many as fit into the time.</summary>
    public async Task<IReadOnlyList<(string Name, LatencyHistogram Latencies)>> RunAsync()
    {
        await using var server = await MemcachedProcess.StartAsync("-m", "64", "-t", "2");
        var ways = new List<(string, LatencyHistogram)>();
        foreach (var pattern in _patterns)
        {
            screen.Progress($"{pattern.Name}: up to {checks} checks or {limit.TotalSeconds} s");
            ways.Add((pattern.Name, Measure((IPEndPoint)server.EndPoint, pattern)));
        }

        screen.Progress($"ours: up to {checks} checks or {limit.TotalSeconds} s");
        await using var proxy = await ProxyCore.StartAsync(new StoreSettings(SpentTokenStoreKind.Memcached) { Servers = [server.Address], Replicas = 1 });
        ways.Add(("ours", await MeasureAsync(proxy.Store)));
        return ways;
    }

    private LatencyHistogram Measure(IPEndPoint server, WritePattern pattern)
    {
        using var client = new SplitWriteClient(server, pattern);
        var tokens = new RandomTokens(1);
        for (var i = 0; i < WarmUp; i++) client.Check(tokens.Next().Key);
        var latencies = new LatencyHistogram();
        var startedAt = Stopwatch.GetTimestamp();
        for (var i = 0; i < checks && Stopwatch.GetElapsedTime(startedAt) < limit; i++)
        {
            var key = tokens.Next().Key;
            var sentAt = Stopwatch.GetTimestamp();
            client.Check(key);
            latencies.Record(Stopwatch.GetTimestamp() - sentAt);
        }
        return latencies;
    }

    private async Task<LatencyHistogram> MeasureAsync(ISpentTokenStore store)
    {
        var tokens = new RandomTokens(2);
        // The others need no warm-up: what they do is in the kernel. This is code to be compiled.
        for (var i = 0; i < 50 * WarmUp; i++) await store.LookUpAsync(tokens.Next(), CancellationToken.None);
        var latencies = new LatencyHistogram();
        var startedAt = Stopwatch.GetTimestamp();
        for (var i = 0; i < checks && Stopwatch.GetElapsedTime(startedAt) < limit; i++)
        {
            var token = tokens.Next();
            var sentAt = Stopwatch.GetTimestamp();
            var outcome = await store.LookUpAsync(token, CancellationToken.None);
            latencies.Record(Stopwatch.GetTimestamp() - sentAt);
            if (outcome != SpendOutcome.Fresh) throw new IOException($"A check of a new token was answered {outcome}.");
        }
        return latencies;
    }
}
