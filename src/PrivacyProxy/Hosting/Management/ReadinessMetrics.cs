using System.Diagnostics;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Hosting.Management;

/// <summary>The instruments of the process as a whole.</summary>
internal sealed class ReadinessMetrics
{
    private static readonly double _startTime = StartTime();

    public ReadinessMetrics(ProxyReadiness readiness, ProxyMeter meter)
    {
        meter.ObservedGauge("privacy_proxy_ready", null, "1 when new tunnels can be opened, as /readyz says.", Once.Of(() => readiness.IsReady ? 1 : 0));
        // The customary name: dashboards know it from every other process.
        meter.ObservedGauge("process_start_time_seconds", "s", "When the process started, in Unix time.", Once.Of(static () => _startTime));
    }

    private static double StartTime()
    {
        using var process = Process.GetCurrentProcess();
        return (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }
}
