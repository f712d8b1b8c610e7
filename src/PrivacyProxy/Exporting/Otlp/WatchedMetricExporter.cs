using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace PrivacyProxy.Exporting.Otlp;

/// <summary>Sends metrics, and says how that went. (A wrapper around the exporter would not be given the resource.)</summary>
internal sealed class WatchedMetricExporter(OtlpExporterOptions options, ExportOutcome outcome, CollectorHealth health) : OtlpMetricExporter(options)
{
    public override ExportResult Export(in Batch<Metric> batch)
    {
        var result = base.Export(batch);
        if (result == ExportResult.Success) health.Sent(ExportedSignal.Metrics);
        else health.Failed(ExportedSignal.Metrics, outcome);
        return result;
    }
}
