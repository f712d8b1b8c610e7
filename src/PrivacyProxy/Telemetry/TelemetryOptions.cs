using PrivacyProxy.Telemetry.Logs;
using PrivacyProxy.Telemetry.Otlp;
using PrivacyProxy.Telemetry.Tracing;

namespace PrivacyProxy.Telemetry;

/// <summary>What the proxy tells of itself: section <c>PrivacyProxy:Telemetry</c>.</summary>
internal sealed class TelemetryOptions
{
    public MetricsOptions Metrics { get; set; } = new();

    public TracesOptions Traces { get; set; } = new();

    public LogsOptions Logs { get; set; } = new();

    public OtlpOptions Otlp { get; set; } = new();

    /// <summary>Adds <c>redeem</c>, <c>dns</c> and <c>connect</c> to the <c>proxy;dur=</c> of Server-Timing.</summary>
    public bool ServerTimingParts { get; set; }

    public TelemetryDebugOptions Debug { get; set; } = new();
}
