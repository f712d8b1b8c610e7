using System.Diagnostics.Metrics;

namespace Browser.Tests;

/// <summary>Listens to the proxy's own metric for tokens it has accepted.</summary>
internal sealed class RedemptionCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _accepted;

    public RedemptionCounter()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "privacy_proxy_token_redemptions_total") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
                if (tag is { Key: "result", Value: "accepted" }) _accepted = value;
        });
        _listener.Start();
    }

    public long Accepted
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _accepted;
        }
    }

    public void Dispose() => _listener.Dispose();
}
