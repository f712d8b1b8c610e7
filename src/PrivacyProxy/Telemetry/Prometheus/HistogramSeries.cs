namespace PrivacyProxy.Telemetry.Prometheus;

/// <summary>A histogram with fixed bounds.</summary>
/// <param name="bounds">The upper bounds of the buckets, ascending, each inclusive; one more bucket takes what lies above.</param>
internal sealed class HistogramSeries(double[] bounds) : MetricSeries
{
    private readonly long[] _buckets = new long[bounds.Length + 1];
    private double _sum;

    /// <summary>The upper bounds, the last bucket's excepted.</summary>
    public ReadOnlySpan<double> Bounds => bounds;

    public double Sum => Volatile.Read(ref _sum);

    /// <summary>Measurements in one bucket, not cumulative.</summary>
    public long Count(int bucket) => Volatile.Read(ref _buckets[bucket]);

    public override void Record(double value)
    {
        // NaN belongs in no bucket and would spoil the sum for ever.
        if (double.IsNaN(value)) return;
        var found = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref _buckets[found >= 0 ? found : ~found]);
        Add(ref _sum, value);
    }
}
