using System.Buffers;
using System.Text;
using PrivacyProxy.Exporting.Prometheus;

namespace PrivacyProxy.Tests.Telemetry.Prometheus;

/// <summary>Families as a scrape shows them.</summary>
internal static class PrometheusText
{
    public static string Of(MetricFamily family, bool openMetrics = false) => Write(openMetrics, writer => writer.Write(family));

    public static string Of(MetricCollection metrics) => Write(openMetrics: false, writer => metrics.Read(writer.Write));

    private static string Write(bool openMetrics, Action<PrometheusWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new PrometheusWriter(output, openMetrics);
        write(writer);
        writer.End();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
