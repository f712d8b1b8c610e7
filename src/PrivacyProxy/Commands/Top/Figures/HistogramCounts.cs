namespace PrivacyProxy.Commands.Top.Figures;

/// <summary>How many observations fell into each bucket of a histogram.</summary>
internal sealed class HistogramCounts
{
    private readonly double[] _bounds;
    private readonly double[] _counts;

    private HistogramCounts(double[] bounds, double[] counts)
    {
        _bounds = bounds;
        _counts = counts;
        Total = counts.Sum();
    }

    public double Total { get; }

    /// <summary>From the <c>le</c> bounds and the cumulative counts of the buckets, in any order.</summary>
    public static HistogramCounts FromCumulative(IEnumerable<KeyValuePair<double, double>> buckets)
    {
        // A scrape is not atomic and may be anybody's: what is no count is left out, what falls counts as nothing.
        var sorted = buckets.Where(static bucket => !double.IsNaN(bucket.Key) && double.IsFinite(bucket.Value)).OrderBy(static bucket => bucket.Key).ToArray();
        var counts = new double[sorted.Length];
        var below = 0.0;
        for (var i = 0; i < sorted.Length; i++)
        {
            counts[i] = Math.Max(0, sorted[i].Value - below);
            below = Math.Max(below, sorted[i].Value);
        }

        return new HistogramCounts([.. sorted.Select(static bucket => bucket.Key)], counts);
    }

    /// <summary>What was observed since; all of it where the earlier one is no earlier state of this (a restart).</summary>
    public HistogramCounts Since(HistogramCounts? earlier)
    {
        if (earlier is null || !_bounds.AsSpan().SequenceEqual(earlier._bounds)) return this;
        var counts = new double[_counts.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = _counts[i] - earlier._counts[i];
            if (counts[i] < 0) return this;
        }

        return new HistogramCounts(_bounds, counts);
    }

    /// <summary>Both together; the one with more observations where the buckets differ, since such counts do not add up.</summary>
    public HistogramCounts Plus(HistogramCounts other)
    {
        if (!_bounds.AsSpan().SequenceEqual(other._bounds)) return Total >= other.Total ? this : other;
        return new HistogramCounts(_bounds, [.. _counts.Zip(other._counts, static (one, two) => one + two)]);
    }

    /// <summary>Interpolates linearly within the bucket, as Prometheus' <c>histogram_quantile</c> does; null when nothing was observed.</summary>
    public Quantile? Quantile(double quantile)
    {
        if (Total <= 0) return null;
        var rank = quantile * Total;
        var below = 0.0;
        var last = Array.FindLastIndex(_counts, static count => count > 0);
        for (var i = 0; i <= last; i++)
        {
            if (below + _counts[i] < rank && i < last)
            {
                below += _counts[i];
                continue;
            }

            var lower = i == 0 ? Math.Min(0, _bounds[0]) : _bounds[i - 1];
            if (double.IsPositiveInfinity(_bounds[i])) return new Quantile(lower, IsBeyond: true);
            var share = Math.Clamp((rank - below) / _counts[i], 0, 1);
            return new Quantile(lower + ((_bounds[i] - lower) * share), IsBeyond: false);
        }

        return null;
    }
}
