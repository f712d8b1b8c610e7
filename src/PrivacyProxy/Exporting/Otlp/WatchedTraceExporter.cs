using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace PrivacyProxy.Exporting.Otlp;

/// <summary>Sends spans, and says how that went.</summary>
internal sealed class WatchedTraceExporter(OtlpExporterOptions options, ExportOutcome outcome, CollectorHealth health) : OtlpTraceExporter(options)
{
    public override ExportResult Export(in Batch<Activity> batch)
    {
        var result = base.Export(batch);
        if (result == ExportResult.Success) health.Sent(ExportedSignal.Traces);
        else health.Failed(ExportedSignal.Traces, outcome);
        return result;
    }
}
