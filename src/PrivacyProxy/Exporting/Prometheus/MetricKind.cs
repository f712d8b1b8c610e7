namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>How a family is shown.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
