using System.Numerics;

namespace PrivacyProxy.LoadTests.Measurements;

/// <summary>Latencies in nanoseconds, 64 buckets for each power of two: 1.6% exact from 64 ns to minutes. For one writer; no allocation per record.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 6;
    private const int SubCount = 1 << SubBits;
    private readonly long[] _counts = new long[SubCount * 40];

    public long Count { get; private set; }

    public TimeSpan Max => FromNanoseconds(_max);

    private long _max;

    /// <param name="elapsed">In ticks of <see cref="System.Diagnostics.Stopwatch"/>.</param>
    public void Record(long elapsed)
    {
        var nanoseconds = Math.Max(0, (long)(elapsed * (1e9 / System.Diagnostics.Stopwatch.Frequency)));
        _counts[Math.Min(Index(nanoseconds), _counts.Length - 1)]++;
        Count++;
        if (nanoseconds > _max) _max = nanoseconds;
    }

    /// <summary>Adds another's records; to be called when its writer is done.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        _max = Math.Max(_max, other._max);
    }

    /// <param name="share">0 to 1; 0.5 is the median.</param>
    public TimeSpan Percentile(double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted) return FromNanoseconds(Math.Min(_max, (LowerBound(i) + LowerBound(i + 1)) / 2));
        }
        return TimeSpan.Zero;
    }

    /// <summary>How many were at least <paramref name="from"/> and below <paramref name="to"/>, to the precision of the buckets.</summary>
    public long CountBetween(TimeSpan from, TimeSpan to)
    {
        var (first, end) = (Index(from.Ticks * 100), Math.Min(Index(Math.Min(to.Ticks, TimeSpan.TicksPerHour) * 100), _counts.Length));
        long count = 0;
        for (var i = first; i < end; i++) count += _counts[i];
        return count;
    }

    public LatencySummary Summarize() => new(Count, Microseconds(Percentile(0.5)), Microseconds(Percentile(0.9)), Microseconds(Percentile(0.99)), Microseconds(Percentile(0.999)), Microseconds(Max));

    private static double Microseconds(TimeSpan time) => time.TotalMicroseconds;

    // TimeSpan counts in 100 ns; rounding up keeps short latencies from looking like nothing.
    private static TimeSpan FromNanoseconds(long nanoseconds) => new((nanoseconds + 99) / 100);

    private static int Index(long nanoseconds)
    {
        var power = 63 - BitOperations.LeadingZeroCount((ulong)nanoseconds | 1);
        return power < SubBits ? (int)nanoseconds : ((power - SubBits + 1) << SubBits) + (int)((nanoseconds >> (power - SubBits)) & (SubCount - 1));
    }

    private static long LowerBound(int index)
    {
        var power = (index >> SubBits) + SubBits - 1;
        return power < SubBits ? index : (1L << power) + ((long)(index & (SubCount - 1)) << (power - SubBits));
    }
}
