namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>A gauge, or an instrument that is observed: the newest measurement counts.</summary>
internal sealed class LastValueSeries : MetricSeries
{
    private double _value;

    public double Value => Volatile.Read(ref _value);

    public override void Record(double value) => Volatile.Write(ref _value, value);
}
