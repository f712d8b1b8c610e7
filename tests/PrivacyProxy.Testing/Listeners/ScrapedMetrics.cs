using System.Text;
using Prometheus;
using PrivacyProxy.Commands.Top.Exposition;
using PrivacyProxy.Recording.Instruments;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>What <c>/metrics</c> of one proxy would show now.</summary>
internal static class ScrapedMetrics
{
    // Of several threads of a test; the families that are observed want one at a time.
    private static readonly Lock _one = new();

    public static IReadOnlyList<MetricSample> Of(ProxyMeter meter)
    {
        using var text = new MemoryStream();
        // On a stream in memory nothing is waited for.
        lock (_one) meter.Registry.CollectAndExportAsTextAsync(text, ExpositionFormat.PrometheusText).GetAwaiter().GetResult();
        return PrometheusTextReader.Read(Encoding.UTF8.GetString(text.ToArray())).Samples;
    }
}
