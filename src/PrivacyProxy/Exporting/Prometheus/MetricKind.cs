namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>How a family is shown.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,

    /// <summary>A counter whose name is a contract without <c>_total</c>, which the formats do not let be called one.</summary>
    Untyped,
}
