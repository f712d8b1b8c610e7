namespace PrivacyProxy.Telemetry.Otlp;

/// <summary>What is sent to a collector.</summary>
internal enum ExportedSignal
{
    Metrics,
    Traces,
}
