namespace PrivacyProxy.Exporting.Otlp;

/// <summary>What is sent to a collector.</summary>
internal enum ExportedSignal
{
    Metrics,
    Traces,
}
