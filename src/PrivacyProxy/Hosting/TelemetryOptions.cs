using PrivacyProxy.Exporting;
using PrivacyProxy.Exporting.Logs;
using PrivacyProxy.Exporting.Otlp;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Hosting;

/// <summary>What the proxy tells of itself: section <c>PrivacyProxy:Telemetry</c>.</summary>
internal sealed class TelemetryOptions : RecordingOptions
{
    /// <summary>Metrics.</summary>
    public MetricsOptions Metrics { get; set; } = new();

    /// <summary>Log lines.</summary>
    public LogsOptions Logs { get; set; } = new();

    /// <summary>Where metrics and traces are sent.</summary>
    public OtlpOptions Otlp { get; set; } = new();
}
