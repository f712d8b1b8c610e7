using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>Adds up what one proxy measured, as "name{label=value}".</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly ConcurrentDictionary<string, long> _sums = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MetricRecorder(IDisposable metrics)
    {
        var meter = Meter(metrics);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var labels = string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
            _sums.AddOrUpdate(labels.Length == 0 ? instrument.Name : $"{instrument.Name}{{{labels}}}", value, (_, sum) => instrument.IsObservable ? value : sum + value);
        });
        _listener.Start();
    }

    public long this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _sums.GetValueOrDefault(name);
        }
    }

    /// <summary>Over all labels.</summary>
    public long Sum(string name)
    {
        _listener.RecordObservableInstruments();
        return _sums.Where(pair => pair.Key == name || pair.Key.StartsWith(name + "{", StringComparison.Ordinal)).Sum(static pair => pair.Value);
    }

    public void Dispose() => _listener.Dispose();

    // Proxies of other tests have meters of the same name.
    private static Meter Meter(IDisposable metrics) =>
        (Meter)metrics.GetType().GetField("_meter", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!.GetValue(metrics)!;
}
