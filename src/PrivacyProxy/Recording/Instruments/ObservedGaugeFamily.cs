using System.Diagnostics.Metrics;
using System.Numerics;
using Prometheus;

namespace PrivacyProxy.Recording.Instruments;

/// <summary>A gauge that is read before each scrape.</summary>
internal sealed class ObservedGaugeFamily<T>(Gauge gauge, Func<IEnumerable<Measurement<T>>> read) : ObservedFamily<T, Gauge.Child>(gauge, read) where T : struct, INumber<T>
{
    protected override void Tell(Collector<Gauge.Child> family, string[] labels, double value) => family.WithLabels(labels).Set(value);
}
