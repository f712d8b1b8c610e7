using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Exporting.Otlp;

/// <summary>How OpenTelemetry's SDK stands between our instruments and activities and a collector. It exports on threads of its own; when its queue is full, spans are dropped.</summary>
internal sealed class OtlpPipeline(IOptions<OtlpOptions> options, IOptions<MetricsOptions> metrics, ILogger<OtlpExport> logger)
{
    private const string ServiceName = "privacy-proxy";

    private const int MaxQueuedSpans = 2048;
    private const int MaxBatchedSpans = 512;

    private static readonly TimeSpan _batchDelay = TimeSpan.FromSeconds(1);

    private readonly OtlpOptions _options = options.Value;
    private readonly CollectorHealth _health = new(options.Value.Endpoint!, logger);

    // Not the default resource: that takes the machine's environment along.
    private readonly ResourceBuilder _resource = ResourceBuilder.CreateEmpty()
        .AddService(ServiceName, serviceVersion: BuildVersion.Current, autoGenerateServiceInstanceId: false, serviceInstanceId: Guid.NewGuid().ToString());

    public void Configure(MeterProviderBuilder builder)
    {
        if (!metrics.Value.Enabled) return;
        var outcome = new ExportOutcome();
        var exporter = new WatchedMetricExporter(ExporterOptions("v1/metrics", outcome), outcome, _health);
        builder
            .SetResourceBuilder(_resource)
            .AddMeter([.. ExportedMeters.Names])
            // Up and down within microseconds at every connection: the SDK's price for each is not small, and /metrics has them.
            .AddView("kestrel.queued_connections", MetricStreamConfiguration.Drop)
            .AddView("kestrel.queued_requests", MetricStreamConfiguration.Drop)
            .AddReader(new PeriodicExportingMetricReader(exporter, (int)_options.MetricsInterval.TotalMilliseconds, (int)_options.Timeout.TotalMilliseconds));
    }

    public void Configure(TracerProviderBuilder builder)
    {
        var outcome = new ExportOutcome();
        var exporter = new WatchedTraceExporter(ExporterOptions("v1/traces", outcome), outcome, _health);
        builder
            .SetResourceBuilder(_resource)
            .AddSource(TraceActivities.SourceName)
            // Which traces are kept was decided before an Activity is made.
            .SetSampler(new AlwaysOnSampler())
            .AddProcessor(new BatchActivityExportProcessor(
                exporter, MaxQueuedSpans, (int)_batchDelay.TotalMilliseconds, (int)_options.Timeout.TotalMilliseconds, MaxBatchedSpans));
    }

    private HttpClient Client(ExportOutcome outcome)
    {
        var client = new HttpClient(outcome) { Timeout = _options.Timeout };
        foreach (var (name, value) in _options.ReadHeaders()!) client.DefaultRequestHeaders.Add(name, value);
        return client;
    }

    /// <summary>Sets everything, so that no OTEL_* variable of the environment changes where telemetry goes.</summary>
    private OtlpExporterOptions ExporterOptions(string path, ExportOutcome outcome)
    {
        var grpc = _options.Protocol == OtlpOptions.Grpc;
        return new OtlpExporterOptions
        {
            Endpoint = new Uri(grpc ? _options.Endpoint! : $"{_options.Endpoint!.TrimEnd('/')}/{path}"),
            Protocol = grpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            // Ours go with the client; an empty text keeps those of the environment out.
            Headers = "",
            TimeoutMilliseconds = (int)_options.Timeout.TotalMilliseconds,
            Compression = OtlpExportCompression.None,
            HttpClientFactory = () => Client(outcome),
        };
    }
}
