using System.Diagnostics;
using System.Diagnostics.Metrics;
using Prometheus;

namespace PrivacyProxy.Recording.Instruments;

/// <summary>One series of a histogram. Recording allocates nothing.</summary>
internal sealed class HistogramSeries(Histogram.Child? scraped, Histogram<double> exported, KeyValuePair<string, object?>[] tags)
{
    /// <summary>The label that leads to the trace.</summary>
    public const string TraceLabel = "trace_id";

    private static readonly Exemplar.LabelKey _trace = Exemplar.Key(TraceLabel);

    /// <param name="value">The measurement.</param>
    /// <param name="traceId">The trace of the measurement if it is kept, for the exemplar.</param>
    public void Record(double value, in ActivityTraceId traceId = default)
    {
        if (traceId == default) scraped?.Observe(value);
        else scraped?.Observe(value, Exemplar.From(_trace.WithValue(traceId.ToHexString())));
        if (exported.Enabled) exported.Record(value, tags);
    }
}
