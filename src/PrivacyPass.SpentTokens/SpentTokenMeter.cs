using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PrivacyPass.SpentTokens.Memcached.Nodes;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens;

/// <summary>The metrics of a host that brings none of its own: instruments of .NET, which cost a look at a field until somebody listens.</summary>
internal sealed class SpentTokenMeter : ISpentTokenMetrics, IDisposable
{
    public const string Name = "PrivacyPass.SpentTokens";

    private readonly Meter _meter = new(Name);
    private readonly Histogram<double> _nodes;
    private readonly Histogram<double> _commits;
    private readonly Histogram<int> _batches;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _memoryLost;
    private readonly Counter<long> _unavailable;
    private readonly ConcurrentDictionary<ISpentTokenGauges, byte> _observed = new();

    public SpentTokenMeter()
    {
        _nodes = _meter.CreateHistogram<double>("spent_tokens.node.duration", "s", "How long each server takes to reply to a command, or was waited for in vain.");
        _commits = _meter.CreateHistogram<double>("spent_tokens.commit.duration", "s", "How long commits of a file take.");
        _batches = _meter.CreateHistogram<int>("spent_tokens.batch.size", null, "Commands per write to a server, or per transaction of a file.");
        _reconnects = _meter.CreateCounter<long>("spent_tokens.reconnects", null, "Connections to servers that were lost.");
        _memoryLost = _meter.CreateCounter<long>("spent_tokens.memory_lost", null, "Times a server was found to have forgotten.");
        _unavailable = _meter.CreateCounter<long>("spent_tokens.unavailable", null, "Commands a server did not decide, by reason.");
        _meter.CreateObservableUpDownCounter("spent_tokens.in_flight", () => _observed.Keys.Sum(static store => store.InFlight), null, "Checks under way.");
        _meter.CreateObservableGauge("spent_tokens.journal.entries", () => _observed.Keys.Sum(static store => store.JournalEntries), null, "Accepted spends kept for servers that lose theirs.");
        _meter.CreateObservableGauge("spent_tokens.node.up", () => Nodes(static node => node.State == NodeState.Up ? 1L : 0), null, "1 for a server that votes.");
        _meter.CreateObservableGauge("spent_tokens.node.evictions", () => Nodes(static node => node.Evictions), null, "Entries each server has thrown away; above 0 tokens may be taken twice.");
        BatchSent = _batches.Record;
    }

    public Action<int> BatchSent { get; }

    public Action<TimeSpan> NodeReplied(string node)
    {
        var tag = Tag(node);
        return elapsed => _nodes.Record(elapsed.TotalSeconds, tag);
    }

    public void Committed(TimeSpan elapsed) => _commits.Record(elapsed.TotalSeconds);

    public void Reconnect(string node) => _reconnects.Add(1, Tag(node));

    public void MemoryLost(string node) => _memoryLost.Add(1, Tag(node));

    public void Unavailable(string node, MemcachedReply reply) => _unavailable.Add(1, Tag(node), new("reason", reply.Label()));

    public IDisposable Observe(ISpentTokenGauges store)
    {
        _observed.TryAdd(store, 0);
        return new Observation(this, store);
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string node) => new("node", node);

    private IEnumerable<Measurement<long>> Nodes(Func<(string Node, NodeState State, long Evictions, double MemoryUsed), long> value) =>
        _observed.Keys.SelectMany(static store => store.NodeStates).Select(node => new Measurement<long>(value(node), Tag(node.Node)));

    private sealed class Observation(SpentTokenMeter meter, ISpentTokenGauges store) : IDisposable
    {
        public void Dispose() => meter._observed.TryRemove(store, out _);
    }
}
