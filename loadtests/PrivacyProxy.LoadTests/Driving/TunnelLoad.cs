using System.Net.Sockets;
using PrivacyProxy.LoadTests.Measurements;
using PrivacyProxy.LoadTests.Targets;

namespace PrivacyProxy.LoadTests.Driving;

/// <summary>Some tunnels through one proxy: what the callers of a round share.</summary>
/// <param name="driver">Opens one.</param>
/// <param name="credentials">What they are paid with.</param>
/// <param name="first">The number of the first.</param>
/// <param name="count">How many.</param>
internal sealed class TunnelLoad(TunnelDriver driver, CredentialSupply credentials, int first, int count)
{
    /// <summary>Waiting to begin takes no more tunnels at a time than that.</summary>
    private const int MostInFlight = 5_000;

    /// <summary>Kinds that are told apart.</summary>
    private const int MostKinds = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _failures = new(StringComparer.Ordinal);
    private int _taken;
    private int _failed;

    /// <summary>It ends with so many: a proxy that refuses everything is not asked on and on.</summary>
    public int MostFailures { get; init; } = 50;

    /// <summary>From the request to the answer; in an open loop from when it was due.</summary>
    public LatencyHistogram Latencies { get; private set; } = new();

    /// <summary>In an open loop: how late the load itself was with the request (its timer, a machine that is busy, a connection to open first).</summary>
    public LatencyHistogram Lateness { get; } = new();

    /// <summary>In an open loop: from the request to the answer, whenever it was due.</summary>
    public LatencyHistogram Answers { get; } = new();

    public int Failed => Volatile.Read(ref _failed);

    /// <summary>What they failed with, the commonest first, each with how often; null for none.</summary>
    public string? Failure
    {
        get
        {
            lock (_gate) return _failures.Count == 0 ? null : string.Join(", ", _failures.OrderByDescending(static failure => failure.Value).Select(static failure => $"{failure.Value} times: {failure.Key.TrimEnd('.')}"));
        }
    }

    /// <summary>Callers that each open one as soon as their last one is closed.</summary>
    public Task RunClosedAsync(int callers, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallAsync(cancellationToken), CancellationToken.None)));

    /// <summary>One after the other as they are due.</summary>
    public Task RunOpenAsync(double perSecond, CancellationToken cancellationToken) =>
        new Arrivals(perSecond, count, MostInFlight, TimeProvider.System).RunAsync((number, dueAt) => ArriveAsync(number, dueAt, cancellationToken), cancellationToken);

    /// <summary>Those since the last time; <see cref="Latencies"/> begins anew.</summary>
    public LatencyHistogram TakeLatencies()
    {
        lock (_gate)
        {
            var taken = Latencies;
            Latencies = new LatencyHistogram();
            return taken;
        }
    }

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        var latencies = new LatencyHistogram();
        while (!cancellationToken.IsCancellationRequested && Failed < MostFailures && Interlocked.Increment(ref _taken) is var taken && taken <= count && credentials.TryFind(first + taken - 1, out var credential))
        {
            if (await TryAsync(credential, cancellationToken) is var (askedAt, answeredAt)) latencies.Record(answeredAt - askedAt);
        }

        lock (_gate) Latencies.Add(latencies);
    }

    private async Task ArriveAsync(int number, long dueAt, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested || Failed >= MostFailures || !credentials.TryFind(first + number, out var credential)) return;
        if (await TryAsync(credential, cancellationToken) is not var (askedAt, answeredAt)) return;
        lock (_gate)
        {
            Latencies.Record(answeredAt - dueAt);
            Lateness.Record(askedAt - dueAt);
            Answers.Record(answeredAt - askedAt);
        }
    }

    private async ValueTask<(long AskedAt, long AnsweredAt)?> TryAsync(string? credential, CancellationToken cancellationToken)
    {
        try
        {
            return await driver.RunAsync(credential, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Cut off at the end of the round is no failure of the proxy's.
            if (!cancellationToken.IsCancellationRequested) Fail(e.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The same.
        }

        return null;
    }

    private void Fail(string message)
    {
        Interlocked.Increment(ref _failed);
        lock (_gate)
        {
            var kind = _failures.ContainsKey(message) || _failures.Count < MostKinds ? message : "others";
            _failures[kind] = _failures.GetValueOrDefault(kind) + 1;
        }
    }
}
