using System.Diagnostics.Metrics;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>
/// Brings the meters of Kestrel, of ASP.NET Core and of the runtime into the host's registry. prometheus-net's <c>MeterAdapter</c> cannot:
/// it puts the meter's name before every family's, ignores the bounds that instruments advise and takes 492 ns a record
/// (docs/design/metrics.md).
/// </summary>
internal sealed class MeterBridge : IDisposable
{
    private readonly MeterListener _listener = new();

    public MeterBridge(ProxyMeter meter)
    {
        if (!meter.IsScraped) return;
        var registry = meter.Registry;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Our own families are recorded without the detour.
            if (instrument.Meter.Name != ProxyMeter.Name && ExportedMeters.Names.Contains(instrument.Meter.Name, StringComparer.Ordinal))
                listener.EnableMeasurementEvents(instrument, new BridgedFamily(instrument, registry));
        };
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((BridgedFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => ((BridgedFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((BridgedFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((BridgedFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => ((BridgedFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => ((BridgedFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => ((BridgedFamily)family!).Record((double)value, tags));
        _listener.Start();
        registry.AddBeforeCollectCallback(_listener.RecordObservableInstruments);
    }

    public void Dispose() => _listener.Dispose();
}
