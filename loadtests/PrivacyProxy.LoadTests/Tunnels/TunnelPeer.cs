using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>One proxy under load: the process, and callers that each open a tunnel as soon as their last one is closed.</summary>
internal sealed class TunnelPeer : IAsyncDisposable
{
    /// <summary>A proxy that refuses everything is not asked on and on.</summary>
    private const int MostFailures = 50;

    /// <summary>The share of a core that is next to nothing.</summary>
    private const double QuietShare = 0.01;

    private const int QuietWindows = 3;

    private static readonly TimeSpan _window = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _longestSettling = TimeSpan.FromSeconds(10);

    private readonly ProxyProcess _process;
    private readonly CredentialSupply _credentials;
    private readonly ITunnelDriver[] _drivers;
    private readonly List<TunnelRound> _rounds = [];
    private int _next;

    private TunnelPeer(string name, ProxyProcess process, CredentialSupply credentials, ITunnelDriver[] drivers) =>
        (Name, _process, _credentials, _drivers) = (name, process, credentials, drivers);

    public string Name { get; }

    /// <summary>Where its <c>/metrics</c> is.</summary>
    public Uri Management => _process.Management;

    /// <summary>The rounds that were measured.</summary>
    public IReadOnlyList<TunnelRound> Rounds => _rounds;

    /// <summary>CPU time of the process so far.</summary>
    public TimeSpan ProcessorTime => _process.ProcessorTime;

    public static async Task<TunnelPeer> StartAsync(string name, TunnelsSettings settings, CredentialSupply credentials, string target, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var process = await ProxyProcess.StartAsync(["--allow-private", "--allow-ports", "any"], credentials.Settings.Concat(environment).ToDictionary(StringComparer.Ordinal));
        var tls = settings.Transport == TunnelTransport.Tls;
        var endPoint = new IPEndPoint(IPAddress.Loopback, (tls ? process.Tls : process.Plain).Port);
        return new TunnelPeer(name, process, credentials, [.. Enumerable.Range(0, settings.Callers).Select(_ => new Http1Driver(endPoint, target, tls))]);
    }

    /// <summary>A round that is not kept.</summary>
    public Task WarmUpAsync(int tunnels, TimeSpan limit, CancellationToken cancellationToken) => RunAsync(tunnels, limit, cancellationToken);

    /// <summary>Waits until the process does next to nothing: its code is compiled again in the background, for as long as a third of its CPU time.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        for (var quiet = 0; quiet < QuietWindows && Stopwatch.GetElapsedTime(startedAt) < _longestSettling;)
        {
            var before = ProcessorTime;
            await Task.Delay(_window, cancellationToken);
            quiet = ProcessorTime - before < _window * QuietShare ? quiet + 1 : 0;
        }
    }

    /// <summary>A round that counts.</summary>
    public async Task<TunnelRound> MeasureAsync(int tunnels, TimeSpan limit, CancellationToken cancellationToken)
    {
        var round = await RunAsync(tunnels, limit, cancellationToken);
        _rounds.Add(round);
        return round;
    }

    /// <summary>Its <c>/metrics</c>; null when there are none.</summary>
    public async Task<string?> ReadMetricsAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(_process.Management, "/metrics"), cancellationToken);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync(cancellationToken) : null;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<TunnelRound> RunAsync(int tunnels, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        var load = new Load(Interlocked.Add(ref _next, tunnels) - tunnels, tunnels);
        // Left-overs of the other proxy's round are not what this one's load costs.
        GC.Collect();
        var (compiler, startedAt, processor) = (_process.CompilerTime, Stopwatch.GetTimestamp(), ProcessorTime);
        await Task.WhenAll(_drivers.Select(driver => Task.Run(() => CallAsync(driver, load, deadline.Token), CancellationToken.None)));
        var (elapsed, used) = (Stopwatch.GetElapsedTime(startedAt), ProcessorTime - processor);
        var compiling = _process.CompilerTime - compiler;
        // One that ended meanwhile is missing in the second reading.
        if (compiling < TimeSpan.Zero) compiling = TimeSpan.Zero;
        cancellationToken.ThrowIfCancellationRequested();
        if (deadline.IsCancellationRequested) throw new TimeoutException($"{Name}: {load.Latencies.Count} of {tunnels} tunnels within {limit.TotalSeconds} s; fewer --tunnels or more --seconds are needed.");
        return new TunnelRound((int)load.Latencies.Count, load.Failed, load.Failure, elapsed.TotalSeconds, (used - compiling).TotalSeconds, compiling.TotalSeconds, load.Latencies.Summarize());
    }

    private async Task CallAsync(ITunnelDriver driver, Load load, CancellationToken cancellationToken)
    {
        var latencies = new LatencyHistogram();
        while (!cancellationToken.IsCancellationRequested && load.Failed < MostFailures && load.TryTake(out var number) && _credentials.Find(number) is { } credential)
        {
            try
            {
                latencies.Record(await driver.RunAsync(credential, cancellationToken));
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                load.Fail(e.Message);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        load.Add(latencies);
    }

    /// <summary>What the callers of one round share.</summary>
    private sealed class Load(int first, int count)
    {
        private readonly Lock _gate = new();
        private int _taken;
        private int _failed;

        public LatencyHistogram Latencies { get; } = new();

        public int Failed => Volatile.Read(ref _failed);

        public string? Failure { get; private set; }

        public bool TryTake(out int number)
        {
            var taken = Interlocked.Increment(ref _taken);
            number = first + taken - 1;
            return taken <= count;
        }

        public void Fail(string reason)
        {
            if (Interlocked.Increment(ref _failed) == 1) Failure = reason;
        }

        public void Add(LatencyHistogram latencies)
        {
            lock (_gate) Latencies.Add(latencies);
        }
    }
}
