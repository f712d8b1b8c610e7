namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>What one instrument has recorded under one set of tags. Recording allocates nothing and takes no lock.</summary>
internal abstract class MetricSeries
{
    public abstract void Record(double value);

    /// <summary>Adds to a sum shared by threads.</summary>
    protected static void Add(ref double sum, double value)
    {
        double before, seen = Volatile.Read(ref sum);
        do
        {
            before = seen;
            seen = Interlocked.CompareExchange(ref sum, before + value, before);
        }
        while (BitConverter.DoubleToInt64Bits(seen) != BitConverter.DoubleToInt64Bits(before));
    }
}
