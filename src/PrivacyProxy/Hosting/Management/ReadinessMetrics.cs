using System.Diagnostics;
using System.Diagnostics.Metrics;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Hosting.Management;

/// <summary>The instruments of the process as a whole.</summary>
internal sealed class ReadinessMetrics : IDisposable
{
    private static readonly double _startTime = StartTime();

    private readonly Meter _meter = new(ProxyMeter.Name);

    public ReadinessMetrics(ProxyReadiness readiness)
    {
        _meter.CreateObservableGauge("privacy_proxy_ready", () => readiness.IsReady ? 1 : 0, description: "1 when new tunnels can be opened, as /readyz says.");
        // The customary name: dashboards know it from every other process.
        _meter.CreateObservableGauge("process_start_time_seconds", static () => _startTime, "s", "When the process started, in Unix time.");
    }

    public void Dispose() => _meter.Dispose();

    private static double StartTime()
    {
        using var process = Process.GetCurrentProcess();
        return (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }
}
