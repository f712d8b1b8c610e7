namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness.Otlp;

/// <summary>A metric as it arrived (opentelemetry/proto/metrics/v1/metrics.proto): what a test asks of it.</summary>
/// <param name="Meter">The scope's name.</param>
/// <param name="Name">The metric's name.</param>
/// <param name="Bounds">The bucket bounds of a histogram's first point; empty for others.</param>
internal sealed record ReceivedMetric(string Meter, string Name, IReadOnlyList<double> Bounds)
{
    /// <summary>The metrics of one ExportMetricsServiceRequest.</summary>
    public static IEnumerable<ReceivedMetric> ReadAll(ReadOnlyMemory<byte> request) =>
        from resourceMetrics in ProtobufField.Read(request).Where(static field => field.Number == 1)
        from scopeMetrics in resourceMetrics.Message.Where(static field => field.Number == 2)
        let meter = scopeMetrics.Message.Single(static field => field.Number == 1).Message.Single(static field => field.Number == 1).Text
        from metric in scopeMetrics.Message.Where(static field => field.Number == 2)
        select new ReceivedMetric(meter, metric.Message.Single(static field => field.Number == 1).Text, ReadBounds(metric.Message));

    private static IReadOnlyList<double> ReadBounds(IEnumerable<ProtobufField> metric) =>
        metric.FirstOrDefault(static field => field.Number == 9) is { Bytes.Length: > 0 } histogram
            && histogram.Message.FirstOrDefault(static field => field.Number == 1) is { Bytes.Length: > 0 } point
            ? point.Message.FirstOrDefault(static field => field.Number == 7).PackedDoubles
            : [];
}
