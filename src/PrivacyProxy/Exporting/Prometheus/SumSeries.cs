namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>A counter or an up-down counter: measurements are added up.</summary>
internal sealed class SumSeries : MetricSeries
{
    private double _sum;

    public double Value => Volatile.Read(ref _sum);

    public override void Record(double value) => Add(ref _sum, value);
}
