using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PrivacyProxy.Recording;

/// <summary>The trace that a measurement belongs to, for whoever listens on the recording thread: a meter does not pass it on.</summary>
internal static class ExemplarTrace
{
    [ThreadStatic]
    private static ActivityTraceId t_current;

    /// <summary>The trace of the measurement being recorded on this thread; default without.</summary>
    public static ActivityTraceId Current => t_current;

    /// <summary>Records a measurement as part of a trace that can be read later. Allocates nothing.</summary>
    /// <param name="histogram">Where.</param>
    /// <param name="value">The measurement.</param>
    /// <param name="traceId">The trace; default for none.</param>
    /// <param name="tags">The tags of the measurement.</param>
    public static void Record(Histogram<double> histogram, double value, in ActivityTraceId traceId, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (traceId == default)
        {
            histogram.Record(value, tags);
            return;
        }

        t_current = traceId;
        try
        {
            histogram.Record(value, tags);
        }
        finally
        {
            t_current = default;
        }
    }
}
