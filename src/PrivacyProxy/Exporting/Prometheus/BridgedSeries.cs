using Prometheus;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>What one instrument has recorded under one set of tags.</summary>
internal abstract class BridgedSeries
{
    public abstract void Record(double value);
}

/// <summary>A histogram.</summary>
internal sealed class BridgedHistogram(Histogram.Child series) : BridgedSeries
{
    public override void Record(double value) => series.Observe(value);
}

/// <summary>A counter: told of what is added, or when observed of all.</summary>
internal sealed class BridgedCounter(Counter.Child series, bool isObserved) : BridgedSeries
{
    public override void Record(double value)
    {
        if (isObserved) series.IncTo(value);
        else if (value > 0) series.Inc(value);
    }
}

/// <summary>A gauge: the newest measurement counts, or of an up-down counter their sum.</summary>
internal sealed class BridgedGauge(Gauge.Child series, bool takesLast) : BridgedSeries
{
    public override void Record(double value)
    {
        if (takesLast) series.Set(value);
        else series.Inc(value);
    }
}
