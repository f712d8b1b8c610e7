using System.Diagnostics;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>One measurement of a bucket whose trace was kept.</summary>
/// <param name="TraceId">The trace; default where there is no exemplar.</param>
/// <param name="Value">The measurement.</param>
/// <param name="At">When it was recorded.</param>
internal readonly record struct Exemplar(ActivityTraceId TraceId, double Value, DateTimeOffset At)
{
    /// <summary>The label that leads to the trace.</summary>
    public const string Label = "trace_id";

    /// <summary>False for the default.</summary>
    public bool IsKnown => TraceId != default;
}
