using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PrivacyProxy.SpentTokens;

namespace PrivacyProxy.FunctionalTests.SpentTokens.Memcached.Faults;

/// <summary>What a proxy's instruments say of its nodes.</summary>
internal sealed class StoreMetrics : IDisposable
{
    private const string Prefix = "privacy_proxy_spent_token_store_";

    private readonly ConcurrentDictionary<(string Name, string Labels), double> _sums = new();
    private readonly ConcurrentDictionary<(string Name, string Labels), double> _observed = new();
    private readonly MeterListener _listener = new();

    public StoreMetrics(SpentTokenMetrics metrics)
    {
        var meter = Meter(metrics);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Checks of a node that it did not decide, whatever the reason.</summary>
    public double Unavailable(string node) => Sum("unavailable_total", node);

    /// <summary>Reasons counted for a node.</summary>
    public IReadOnlyCollection<string> Reasons(string node) =>
    [
        .. _sums.Where(sum => sum.Key.Name == Prefix + "unavailable_total" && sum.Value > 0 && Labels(sum.Key.Labels).Contains($"node={node}"))
            .SelectMany(sum => Labels(sum.Key.Labels).Where(label => label.StartsWith("reason=", StringComparison.Ordinal))).Select(label => label["reason=".Length..]).Distinct(),
    ];

    /// <summary>An operator who looks at the node sees that something is wrong, or was.</summary>
    public bool ShowTrouble(string node) => Unavailable(node) > 0 || Reconnects(node) > 0 || !IsUp(node);

    public double Reconnects(string node) => Sum("reconnects_total", node);

    public double MemoryLost(string node) => Sum("memory_lost_total", node);

    /// <summary>Whether a node votes.</summary>
    public bool IsUp(string node) => State(node, "up");

    public bool State(string node, string state)
    {
        _observed.Clear();
        _listener.RecordObservableInstruments();
        return _observed.Any(gauge => gauge.Key.Name == Prefix + "node_state" && gauge.Value == 1
            && Labels(gauge.Key.Labels).Contains($"node={node}") && Labels(gauge.Key.Labels).Contains($"state={state}"));
    }

    public void Dispose() => _listener.Dispose();

    private double Sum(string name, string node) =>
        _sums.Where(sum => sum.Key.Name == Prefix + name && Labels(sum.Key.Labels).Contains($"node={node}")).Sum(sum => sum.Value);

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = (instrument.Name, string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")));
        if (instrument.IsObservable) _observed[key] = value;
        else _sums.AddOrUpdate(key, value, (_, sum) => sum + value);
    }

    private static string[] Labels(string labels) => labels.Split(',');

    // Proxies of other tests have meters of the same name.
    private static Meter Meter(SpentTokenMetrics metrics) =>
        (Meter)typeof(SpentTokenMetrics).GetField("_meter", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(metrics)!;
}
