using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using PrivacyProxy.Recording;
using PrivacyProxy.SpentTokens.Memcached.Nodes;
using PrivacyProxy.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.SpentTokens;

/// <summary>The instruments of the double-spend check. The label <c>node</c> is a server as the operator configured it.</summary>
internal sealed class SpentTokenMetrics : IDisposable
{
    private const string Prefix = "privacy_proxy_spent_token_store_";

    private static readonly string[] _states = ["down", "syncing", "up"];

    private readonly Meter _meter = new(ProxyMeter.Name);
    private readonly Histogram<double> _checks;
    private readonly Histogram<double> _nodes;
    private readonly Histogram<double> _commits;
    private readonly Histogram<int> _batches;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _unavailable;
    private readonly Counter<long> _memoryLost;
    private readonly ConcurrentDictionary<ISpentTokenGauges, byte> _observed = new();

    public SpentTokenMetrics()
    {
        // 20 us, 1 ms and the 40 ms of a delayed ACK lie far apart.
        var bounds = new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 40e-3, 50e-3, 100e-3, 200e-3, 500e-3, 1],
        };
        _checks = _meter.CreateHistogram("privacy_proxy_double_spend_check_seconds", "s", "How long look-ups and spends take.", tags: null, bounds);
        _nodes = _meter.CreateHistogram(Prefix + "node_seconds", "s", "How long each server takes to reply to a command, or was waited for in vain.", tags: null, bounds);
        _commits = _meter.CreateHistogram(Prefix + "commit_seconds", "s", "How long commits of a file take.", tags: null, bounds);
        _batches = _meter.CreateHistogram(Prefix + "batch_size", null, "Commands per write to a server, or per transaction of a file.", tags: null, new InstrumentAdvice<int>
        {
            HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
        });
        _reconnects = _meter.CreateCounter<long>(Prefix + "reconnects_total", description: "Connections to servers that were lost.");
        _unavailable = _meter.CreateCounter<long>(Prefix + "unavailable_total", description: "Commands a server did not decide, by reason.");
        _memoryLost = _meter.CreateCounter<long>(Prefix + "memory_lost_total", description: "Times a server was found to have forgotten.");
        _meter.CreateObservableUpDownCounter(Prefix + "in_flight", () => _observed.Keys.Sum(static store => store.InFlight), description: "Checks under way.");
        _meter.CreateObservableGauge(Prefix + "journal_entries", () => _observed.Keys.Sum(static store => store.JournalEntries), description: "Accepted spends kept for servers that lose theirs.");
        _meter.CreateObservableCounter(Prefix + "journal_overwritten_total", () => _observed.Keys.Sum(static store => store.JournalOverwritten), description: "Spends that left the journal unexpired: a server that forgets cannot be given them back.");
        _meter.CreateObservableGauge(Prefix + "node_state", States, description: "1 for the state each server is in.");
        _meter.CreateObservableGauge(Prefix + "evictions", Evictions, description: "Entries each server has thrown away; above 0 tokens may be taken twice.");
        _meter.CreateObservableGauge(Prefix + "memory_used_ratio", MemoryUsed, description: "The part of each server's memory that entries take; a full one tells of 0.88.");
    }

    /// <summary>A look-up or spend has ended.</summary>
    /// <param name="operation"><c>lookup</c> or <c>spend</c>.</param>
    /// <param name="store">The store's name.</param>
    /// <param name="elapsed">From asking to the answer.</param>
    /// <param name="traceId">The request's trace if it is kept, for the exemplar.</param>
    public void Checked(string operation, string store, TimeSpan elapsed, in ActivityTraceId traceId = default) =>
        ExemplarTrace.Record(_checks, elapsed.TotalSeconds, traceId, new("operation", operation), new("store", store));

    public void BatchSent(int commands) => _batches.Record(commands);

    /// <summary>A server has replied to a command, or never will.</summary>
    public void NodeReplied(string node, TimeSpan elapsed) => _nodes.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("node", node));

    /// <summary>A transaction of a file was committed.</summary>
    public void Committed(TimeSpan elapsed) => _commits.Record(elapsed.TotalSeconds);

    public void Reconnect(string node) => _reconnects.Add(1, new KeyValuePair<string, object?>("node", node));

    public void MemoryLost(string node) => _memoryLost.Add(1, new KeyValuePair<string, object?>("node", node));

    public void Unavailable(string node, MemcachedReply reply) =>
        _unavailable.Add(1, new("node", node), new("reason", reply.Label()));

    /// <summary>Tells of a store until disposed.</summary>
    public IDisposable Observe(ISpentTokenGauges store)
    {
        _observed.TryAdd(store, 0);
        return new Observation(this, store);
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<int>> States()
    {
        foreach (var store in _observed.Keys)
            foreach (var (node, current, _, _) in store.NodeStates)
                for (var state = NodeState.Down; state <= NodeState.Up; state++)
                    yield return new Measurement<int>(state == current ? 1 : 0, new KeyValuePair<string, object?>("node", node), new("state", _states[(int)state]));
    }

    private IEnumerable<Measurement<long>> Evictions()
    {
        foreach (var store in _observed.Keys)
            foreach (var (node, _, evictions, _) in store.NodeStates)
                yield return new Measurement<long>(evictions, new KeyValuePair<string, object?>("node", node));
    }

    private IEnumerable<Measurement<double>> MemoryUsed()
    {
        foreach (var store in _observed.Keys)
            foreach (var (node, _, _, used) in store.NodeStates)
                if (!double.IsNaN(used)) yield return new Measurement<double>(used, new KeyValuePair<string, object?>("node", node));
    }

    private sealed class Observation(SpentTokenMetrics metrics, ISpentTokenGauges store) : IDisposable
    {
        public void Dispose() => metrics._observed.TryRemove(store, out _);
    }
}
