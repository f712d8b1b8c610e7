using System.Diagnostics.Metrics;
using PrivacyProxy.Telemetry;

namespace PrivacyProxy.Tests.Redemption;

/// <summary>The redemption results counted by what runs in this test's flow, whatever other tests count meanwhile.</summary>
internal sealed class RedemptionCounts : IDisposable
{
    private static readonly AsyncLocal<List<string>?> _flow = new();

    private readonly MeterListener _listener = new();

    public RedemptionCounts()
    {
        _flow.Value = Results;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == ProxyMetrics.MeterName && instrument.Name == "privacy_proxy_token_redemptions_total") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            if (ReferenceEquals(_flow.Value, Results)) Results.Add((string)tags[0].Value!);
        });
        _listener.Start();
    }

    public List<string> Results { get; } = [];

    public void Dispose() => _listener.Dispose();
}
