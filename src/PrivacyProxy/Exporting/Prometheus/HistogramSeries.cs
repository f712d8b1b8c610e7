using System.Diagnostics;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>A histogram with fixed bounds.</summary>
/// <param name="bounds">The upper bounds of the buckets, ascending, each inclusive; one more bucket takes what lies above.</param>
internal sealed class HistogramSeries(double[] bounds) : MetricSeries
{
    private readonly long[] _buckets = new long[bounds.Length + 1];
    private readonly Lock _exemplarGate = new();
    private Exemplar[]? _exemplars;
    private double _sum;

    /// <summary>The upper bounds, the last bucket's excepted.</summary>
    public ReadOnlySpan<double> Bounds => bounds;

    public double Sum => Volatile.Read(ref _sum);

    /// <summary>Measurements in one bucket, not cumulative.</summary>
    public long Count(int bucket) => Volatile.Read(ref _buckets[bucket]);

    /// <summary>The newest measurement of a bucket that has a trace; the default where there is none.</summary>
    public Exemplar ExemplarOf(int bucket)
    {
        lock (_exemplarGate) return _exemplars?[bucket] ?? default;
    }

    public override void Record(double value)
    {
        // NaN belongs in no bucket and would spoil the sum for ever.
        if (double.IsNaN(value)) return;
        var found = Array.BinarySearch(bounds, value);
        var bucket = found >= 0 ? found : ~found;
        Interlocked.Increment(ref _buckets[bucket]);
        Add(ref _sum, value);
        if (ExemplarTrace.Current is var trace && trace != default) Keep(bucket, value, trace);
    }

    private void Keep(int bucket, double value, in ActivityTraceId trace)
    {
        // Busy: another exemplar is being kept or read. A request does not wait for that.
        if (!_exemplarGate.TryEnter()) return;
        try
        {
            _exemplars ??= new Exemplar[_buckets.Length];
            _exemplars[bucket] = new Exemplar(trace, value, DateTimeOffset.UtcNow);
        }
        finally
        {
            _exemplarGate.Exit();
        }
    }
}
