using PrivacyPass.SpentTokens;
using PrivacyProxy.LoadTests.Screens;
using PrivacyProxy.LoadTests.Stores;

namespace PrivacyProxy.LoadTests.Checks;

/// <summary>Ours and the C probe in turn, round by round on the same memcached: machines drift, ratios inside a round do not.</summary>
internal sealed class ProbeScenario(LoadScreen screen, ChecksSettings settings)
{
    private const int ReplicatedNodes = 3;
    private const int RoundTrips = 15_000;
    private const int PipelinedOperations = 200_000;

    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, List<(double Ours, double Reference)>> _rounds = [];
    private readonly List<CheckResult> _pipelined = [];

    /// <summary>The runs of ours with many callers.</summary>
    public IReadOnlyList<CheckResult> Pipelined => _pipelined;

    public async Task<IReadOnlyList<ProbeComparison>> RunAsync()
    {
        await using var servers = await StoreServers.StartAsync(SpentTokenStoreKind.Memcached, ReplicatedNodes, "-m", "1024", "-t", "2", "-M");
        await using var single = await ProxyCore.StartAsync(servers.Settings with { Servers = [servers.Nodes[0].Address], Replicas = 1, Connections = settings.Connections });
        await using var replicated = await ProxyCore.StartAsync(servers.Settings with { Replicas = ReplicatedNodes, Connections = settings.Connections });
        var probe = new CProbe(settings.ProbePath!, servers.Nodes[0]);
        for (var round = 1; round <= settings.Rounds; round++)
        {
            screen.Progress($"round {round} of {settings.Rounds}");
            await RunRoundAsync(probe, single.Store, replicated.Store);
        }

        return
        [
            ProbeComparison.Of("get, 1 caller, p50 us", _rounds["get p50"], 1.5, isCeiling: true),
            ProbeComparison.Of("get, 1 caller, p99 us", _rounds["get p99"], 2, isCeiling: true),
            ProbeComparison.Of("add, 1 caller, p50 us", _rounds["add p50"], 1.5, isCeiling: true),
            ProbeComparison.Of("add, 1 caller, p99 us", _rounds["add p99"], 2, isCeiling: true),
            ProbeComparison.Of($"{settings.Callers} callers, checks/s", _rounds["pipe"], 0.5, isCeiling: false),
            ProbeComparison.Of("add R=3 / R=1, p50 us", _rounds["replicas"], 1.3, isCeiling: true),
        ];
    }

    private async Task RunRoundAsync(CProbe probe, ISpentTokenStore single, ISpentTokenStore replicated)
    {
        var get = await probe.RoundTripsAsync("get", RoundTrips);
        var lookUp = await RunAsync(single, CheckOperation.LookUp, 1);
        var add = await probe.RoundTripsAsync("add", RoundTrips);
        var spend = await RunAsync(single, CheckOperation.Spend, 1);
        var spendThrice = await RunAsync(replicated, CheckOperation.Spend, 1);
        var connections = settings.Connections ?? Environment.ProcessorCount;
        var pipe = await probe.PipelineAsync(connections, Math.Max(1, settings.Callers / connections), PipelinedOperations);
        var mixed = await RunAsync(single, CheckOperation.Mixed, settings.Callers);
        _pipelined.Add(mixed);
        Add("get p50", lookUp.Latencies.P50, get.P50us);
        Add("get p99", lookUp.Latencies.P99, get.P99us);
        Add("add p50", spend.Latencies.P50, add.P50us);
        Add("add p99", spend.Latencies.P99, add.P99us);
        Add("pipe", mixed.PerSecond, pipe.OpsS);
        Add("replicas", spendThrice.Latencies.P50, spend.Latencies.P50);
    }

    private Task<CheckResult> RunAsync(ISpentTokenStore store, CheckOperation operation, int callers) =>
        new ClosedLoop(store, operation, callers) { MostChecks = settings.MostChecks }.RunAsync(_warmUp, TimeSpan.FromSeconds(settings.Seconds));

    private void Add(string key, double ours, double reference)
    {
        if (!_rounds.TryGetValue(key, out var rounds)) _rounds[key] = rounds = [];
        rounds.Add((ours, reference));
    }
}
