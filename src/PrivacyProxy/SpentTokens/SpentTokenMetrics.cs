using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using PrivacyPass.SpentTokens;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Wire;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.SpentTokens;

/// <summary>The instruments of the double-spend check. The label <c>node</c> is a server as the operator configured it.</summary>
internal sealed class SpentTokenMetrics : ISpentTokenMetrics
{
    private const string Prefix = "privacy_proxy_spent_token_store_";

    private static readonly string[] _states = ["down", "syncing", "up"];

    private readonly HistogramFamily _checks;
    private readonly HistogramFamily _nodes;
    private readonly HistogramSeries _commits;
    private readonly HistogramSeries _batches;
    private readonly CounterFamily _reconnects;
    private readonly CounterFamily _unavailable;
    private readonly CounterFamily _memoryLost;
    private readonly ConcurrentDictionary<ISpentTokenGauges, byte> _observed = new();

    public SpentTokenMetrics(ProxyMeter meter)
    {
        // 20 us, 1 ms and the 40 ms of a delayed ACK lie far apart.
        double[] bounds = [20e-6, 50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 40e-3, 50e-3, 100e-3, 200e-3, 500e-3, 1];
        _checks = meter.Histogram("privacy_proxy_double_spend_check_seconds", "s", "How long look-ups and spends take.", bounds, "operation", "store");
        _nodes = meter.Histogram(Prefix + "node_seconds", "s", "How long each server takes to reply to a command, or was waited for in vain.", bounds, "node");
        _commits = meter.Histogram(Prefix + "commit_seconds", "s", "How long commits of a file take.", bounds).With();
        _batches = meter.Histogram(
            Prefix + "batch_size", null, "Commands per write to a server, or per transaction of a file.", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]).With();
        BatchSent = commands => _batches.Record(commands);
        _reconnects = meter.Counter(Prefix + "reconnects_total", "Connections to servers that were lost.", "node");
        _unavailable = meter.Counter(Prefix + "unavailable_total", "Commands a server did not decide, by reason.", "node", "reason");
        _memoryLost = meter.Counter(Prefix + "memory_lost_total", "Times a server was found to have forgotten.", "node");
        meter.ObservedSum(Prefix + "in_flight", null, "Checks under way.", Once.Of(() => _observed.Keys.Sum(static store => store.InFlight)));
        meter.ObservedGauge(Prefix + "journal_entries", null, "Accepted spends kept for servers that lose theirs.", Once.Of(() => _observed.Keys.Sum(static store => store.JournalEntries)));
        meter.ObservedCounter(Prefix + "journal_overwritten_total", null, "Spends that left the journal unexpired: a server that forgets cannot be given them back.", Once.Of(() => _observed.Keys.Sum(static store => store.JournalOverwritten)));
        meter.ObservedGauge(Prefix + "node_state", null, "1 for the state each server is in.", States, "node", "state");
        meter.ObservedGauge(Prefix + "evictions", null, "Entries each server has thrown away; above 0 tokens may be taken twice.", Evictions, "node");
        meter.ObservedGauge(Prefix + "memory_used_ratio", null, "The part of each server's memory that entries take; a full one tells of 0.88.", MemoryUsed, "node");
    }

    /// <summary>A look-up or spend has ended.</summary>
    /// <param name="operation"><c>lookup</c> or <c>spend</c>.</param>
    /// <param name="store">The store's name.</param>
    /// <param name="elapsed">From asking to the answer.</param>
    /// <param name="traceId">The request's trace if it is kept, for the exemplar.</param>
    public void Checked(string operation, string store, TimeSpan elapsed, in ActivityTraceId traceId = default) =>
        _checks.With(operation, store).Record(elapsed.TotalSeconds, traceId);

    public Action<int> BatchSent { get; }

    /// <summary>Its series is made when the server has replied once.</summary>
    public Action<TimeSpan> NodeReplied(string node)
    {
        HistogramSeries? series = null;
        return elapsed => (series ??= _nodes.With(node)).Record(elapsed.TotalSeconds);
    }

    public void Committed(TimeSpan elapsed) => _commits.Record(elapsed.TotalSeconds);

    public void Reconnect(string node) => _reconnects.Increment(node);

    public void MemoryLost(string node) => _memoryLost.Increment(node);

    public void Unavailable(string node, MemcachedReply reply) =>
        _unavailable.Increment(node, reply.Label());

    public IDisposable Observe(ISpentTokenGauges store)
    {
        _observed.TryAdd(store, 0);
        return new Observation(this, store);
    }

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
