using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>Listens to the meters of the proxy, of Kestrel and of the runtime, and keeps what they record for the next scrape.</summary>
internal sealed class MetricCollection : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Lock _scrape = new();

    /// <param name="isEnabled">False collects nothing.</param>
    public MetricCollection(bool isEnabled = true)
    {
        IsEnabled = isEnabled;
        if (!isEnabled) return;
        _listener.InstrumentPublished = Subscribe;
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => ((MetricFamily)family!).Record((double)value, tags));
        _listener.Start();
    }

    /// <summary>False when metrics are turned off.</summary>
    public bool IsEnabled { get; }

    /// <summary>Asks the observed instruments and hands all families, ordered by name, to a writer. One scrape at a time.</summary>
    public void Read(Action<MetricFamily> write)
    {
        lock (_scrape)
        {
            foreach (var family in _families.Values)
                if (family.IsObserved) family.Clear();
            _listener.RecordObservableInstruments();
            foreach (var (_, family) in _families.OrderBy(static pair => pair.Key, StringComparer.Ordinal)) write(family);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Subscribe(Instrument instrument, MeterListener listener)
    {
        if (!ExportedMeters.Names.Contains(instrument.Meter.Name, StringComparer.Ordinal)) return;
        var family = new MetricFamily(instrument);
        // Two instruments of one name (a second proxy in the process, as in tests) are one family.
        listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(family.Name, family));
    }
}
