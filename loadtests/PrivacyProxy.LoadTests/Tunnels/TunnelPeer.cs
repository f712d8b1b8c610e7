using System.Diagnostics;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Driving;
using PrivacyProxy.LoadTests.Idle;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>One proxy under short tunnels, round after round.</summary>
internal sealed class TunnelPeer : IAsyncDisposable
{
    /// <summary>The share of a core that is next to nothing.</summary>
    private const double QuietShare = 0.03;

    private const int QuietWindows = 3;

    private static readonly TimeSpan _window = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _longestSettling = TimeSpan.FromSeconds(10);

    private readonly LoadedProxy _proxy;
    private readonly CredentialSupply _credentials;
    private readonly ITunnelClient _client;
    private readonly TunnelDriver _driver;
    private readonly TunnelsSettings _settings;
    private readonly List<TunnelRound> _rounds = [];
    private IReadOnlyList<ClientTunnel> _held = [];
    private int _next;

    private TunnelPeer(string name, TunnelsSettings settings, LoadedProxy proxy, CredentialSupply credentials, string target)
    {
        (Name, _settings, _proxy, _credentials) = (name, settings, proxy, credentials);
        _client = settings.CreateClient(proxy.Address);
        _driver = new TunnelDriver(_client, target, settings.Ending);
    }

    public string Name { get; }

    /// <summary>Where its <c>/metrics</c> is; null where it is not ours.</summary>
    public Uri? Management => _proxy.Management;

    /// <summary>The rounds that were measured.</summary>
    public IReadOnlyList<TunnelRound> Rounds => _rounds;

    /// <summary>Of all rounds that were measured.</summary>
    public LatencyHistogram Latencies { get; } = new();

    /// <summary>CPU time of its processes so far; nothing where they are not known.</summary>
    public TimeSpan ProcessorTime => _proxy.Processes?.ProcessorTime ?? TimeSpan.Zero;

    /// <summary>Whether CPU time is known.</summary>
    public bool HasProcessorTime => _proxy.Processes is not null;

    public static async Task<TunnelPeer> StartAsync(string name, TunnelsSettings settings, CredentialSupply credentials, string target, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var proxy = await LoadedProxy.StartAsync(settings, credentials, environment);
        try
        {
            return new TunnelPeer(name, settings, proxy, credentials, target);
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens the tunnels that stay. Before all others: they take the first tokens.</summary>
    /// <exception cref="IOException">Not all could be opened.</exception>
    public async Task HoldAsync(CancellationToken cancellationToken)
    {
        if (_settings.Held == 0) return;
        _held = await new IdleLoad(_client, _driver.Target, _credentials, _settings.Callers).OpenAllAsync(_settings.Held, cancellationToken);
        _next = _settings.Held;
    }

    /// <summary>A round that is not kept.</summary>
    public Task WarmUpAsync(int tunnels, TimeSpan limit, CancellationToken cancellationToken) => RunAsync(tunnels, rate: null, limit, cancellationToken);

    /// <summary>Waits until the process does next to nothing: its code is compiled again in the background, for as long as a third of its CPU time.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        for (var quiet = 0; quiet < QuietWindows && HasProcessorTime && Stopwatch.GetElapsedTime(startedAt) < _longestSettling;)
        {
            var before = ProcessorTime;
            await Task.Delay(_window, cancellationToken);
            quiet = ProcessorTime - before < _window * QuietShare ? quiet + 1 : 0;
        }
    }

    /// <summary>A round that counts.</summary>
    public async Task<TunnelRound> MeasureAsync(int tunnels, TimeSpan limit, CancellationToken cancellationToken)
    {
        var (round, latencies) = await RunAsync(tunnels, _settings.Rate, limit, cancellationToken);
        _rounds.Add(round);
        Latencies.Add(latencies);
        return round;
    }

    /// <summary>Its <c>/metrics</c>; null when there are none.</summary>
    public async Task<string?> ReadMetricsAsync(CancellationToken cancellationToken)
    {
        if (Management is not { } management) return null;
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(management, "/metrics"), cancellationToken);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancellationToken) : null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tunnel in _held) await tunnel.DisposeAsync();
        await _client.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    private async Task<(TunnelRound Round, LatencyHistogram Latencies)> RunAsync(int tunnels, double? rate, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        var load = new TunnelLoad(_driver, _credentials, Interlocked.Add(ref _next, tunnels) - tunnels, tunnels);
        // Left-overs of the other proxy's round are not what this one's load costs.
        GC.Collect();
        var (compiler, startedAt, processor) = (CompilerTime, Stopwatch.GetTimestamp(), ProcessorTime);
        await (rate is { } perSecond ? load.RunOpenAsync(perSecond, deadline.Token) : load.RunClosedAsync(_settings.Callers, deadline.Token));
        cancellationToken.ThrowIfCancellationRequested();
        var (elapsed, used) = (Stopwatch.GetElapsedTime(startedAt), ProcessorTime - processor);
        var compiling = CompilerTime - compiler;
        // One that ended meanwhile is missing in the second reading.
        if (compiling < TimeSpan.Zero) compiling = TimeSpan.Zero;
        if (deadline.IsCancellationRequested) throw new TimeoutException($"{Name}: {load.Latencies.Count} of {tunnels} tunnels within {limit.TotalSeconds} s; fewer --tunnels or more --seconds are needed.");
        var round = new TunnelRound((int)load.Latencies.Count, load.Failed, load.Failure, elapsed.TotalSeconds, (used - compiling).TotalSeconds, compiling.TotalSeconds, load.Latencies.Summarize(),
            rate is null ? null : load.Lateness.Summarize());
        return (round, load.Latencies);
    }

    private TimeSpan CompilerTime => _proxy.Processes?.CompilerTime ?? TimeSpan.Zero;
}
