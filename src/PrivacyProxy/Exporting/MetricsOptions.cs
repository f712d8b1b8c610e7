namespace PrivacyProxy.Exporting;

/// <summary>Metrics: section <c>PrivacyProxy:Telemetry:Metrics</c>.</summary>
internal sealed class MetricsOptions
{
    /// <summary>Whether instruments are listened to; without, <c>/metrics</c> answers 404 and nothing is exported.</summary>
    public bool Enabled { get; set; } = true;
}
