using System.Text;
using Prometheus;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Tests.Telemetry.Prometheus;

/// <summary>What a scrape shows.</summary>
internal static class PrometheusText
{
    public static Task<string> OfAsync(ProxyMeter meter, bool openMetrics = false) => OfAsync(meter.Registry, openMetrics);

    public static async Task<string> OfAsync(CollectorRegistry registry, bool openMetrics = false)
    {
        using var exposition = new Exposition(registry);
        return Encoding.UTF8.GetString((await exposition.WriteAsync(openMetrics, CancellationToken.None)).Span);
    }
}
