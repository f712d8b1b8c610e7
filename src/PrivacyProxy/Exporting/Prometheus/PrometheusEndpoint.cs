namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>Answers scrapes: OpenMetrics for those who ask for it, the text format for all others.</summary>
internal static class PrometheusEndpoint
{
    public const string Path = "/metrics";
    public const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// <param name="app">Where.</param>
    /// <param name="metrics">Null when metrics are off.</param>
    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder app, Exposition? metrics) =>
        metrics is not null
            ? app.MapRead(Path, (HttpContext context) => AnswerAsync(context, metrics))
            : app.MapRead(Path, static () => Results.Text("Metrics are off: PrivacyProxy:Telemetry:Metrics:Enabled is false.\n", statusCode: StatusCodes.Status404NotFound));

    private static async Task AnswerAsync(HttpContext context, Exposition metrics)
    {
        var openMetrics = AcceptHeader.Prefers(context.Request.Headers.Accept, "application/openmetrics-text");
        var body = await metrics.WriteAsync(openMetrics, context.RequestAborted);
        context.Response.ContentType = openMetrics ? OpenMetricsType : TextType;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }
}
