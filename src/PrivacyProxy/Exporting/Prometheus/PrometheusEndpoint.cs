using System.Buffers;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>Answers scrapes: OpenMetrics for those who ask for it, the text format for all others.</summary>
internal static class PrometheusEndpoint
{
    public const string Path = "/metrics";
    public const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder app, MetricCollection metrics) =>
        metrics.IsEnabled
            ? app.MapRead(Path, (HttpContext context) => AnswerAsync(context, metrics))
            : app.MapRead(Path, static () => Results.Text("Metrics are off: PrivacyProxy:Telemetry:Metrics:Enabled is false.\n", statusCode: StatusCodes.Status404NotFound));

    private static async Task AnswerAsync(HttpContext context, MetricCollection metrics)
    {
        var openMetrics = AcceptHeader.Prefers(context.Request.Headers.Accept, "application/openmetrics-text");
        var body = new ArrayBufferWriter<byte>(64 * 1024);
        var writer = new PrometheusWriter(body, openMetrics);
        metrics.Read(writer.Write);
        writer.End();
        context.Response.ContentType = openMetrics ? OpenMetricsType : TextType;
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }
}
