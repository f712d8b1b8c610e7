using System.Diagnostics.Metrics;
using System.Numerics;
using Prometheus;

namespace PrivacyProxy.Recording.Instruments;

/// <summary>A counter that is read before each scrape.</summary>
internal sealed class ObservedCounterFamily<T>(Counter counter, Func<IEnumerable<Measurement<T>>> read) : ObservedFamily<T, Counter.Child>(counter, read) where T : struct, INumber<T>
{
    protected override void Tell(Collector<Counter.Child> family, string[] labels, double value)
    {
        var series = family.WithLabels(labels);
        if (value < series.Value)
        {
            // What was counted is no longer there: it starts anew, and Prometheus takes that for a restart.
            family.RemoveLabelled(labels);
            series = family.WithLabels(labels);
        }

        series.IncTo(value);
    }
}
