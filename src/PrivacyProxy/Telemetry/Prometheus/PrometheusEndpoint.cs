using System.Buffers;
using Microsoft.Net.Http.Headers;

namespace PrivacyProxy.Telemetry.Prometheus;

/// <summary>Answers scrapes: OpenMetrics for those who ask for it, the text format for all others.</summary>
internal static class PrometheusEndpoint
{
    public const string Path = "/metrics";
    public const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder app, MetricCollection metrics) =>
        app.MapGet(Path, context => AnswerAsync(context, metrics));

    private static async Task AnswerAsync(HttpContext context, MetricCollection metrics)
    {
        var openMetrics = PrefersOpenMetrics(context.Request.Headers.Accept);
        var body = new ArrayBufferWriter<byte>(64 * 1024);
        var writer = new PrometheusWriter(body, openMetrics);
        metrics.Read(writer.Write);
        writer.End();
        context.Response.ContentType = openMetrics ? OpenMetricsType : TextType;
        context.Response.ContentLength = body.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    /// <summary>An Accept that cannot be read, or that prefers neither, gets plain text.</summary>
    private static bool PrefersOpenMetrics(IList<string> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out var types)) return false;
        var open = Quality(types, "application/openmetrics-text");
        return open > 0 && open >= Quality(types, "text/plain");
    }

    private static double Quality(IEnumerable<MediaTypeHeaderValue> types, string type) =>
        types.Where(offered => offered.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(static offered => offered.Quality ?? 1).DefaultIfEmpty(0).Max();
}
