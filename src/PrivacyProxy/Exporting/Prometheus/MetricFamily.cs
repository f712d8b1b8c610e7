using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>One instrument and its series.</summary>
internal sealed class MetricFamily
{
    /// <summary>A label with unbounded values would otherwise take unbounded memory.</summary>
    public const int MaxSeries = 2000;

    // For durations without advice of their own: 20 us, 1 ms and 40 ms lie in different buckets.
    private static readonly double[] _seconds =
        [20e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 40e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10, 30, 60, 300, 3600];

    private static readonly double[] _numbers = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000];

    private readonly ConcurrentDictionary<TagSet, MetricSeries> _series = new(TagSetComparer.Instance);
    private readonly ConcurrentDictionary<TagSet, MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _bySpan;
    private readonly double[] _bounds;
    private readonly bool _takesLast;
    private int _count;

    public MetricFamily(Instrument instrument)
    {
        _bySpan = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        Kind = KindOf(instrument);
        Name = PrometheusName.Of(instrument, Kind);
        if (Kind == MetricKind.Counter && !Name.EndsWith(PrometheusName.Total, StringComparison.Ordinal)) Kind = MetricKind.Untyped;
        Help = instrument.Description ?? "";
        _bounds = BoundsOf(instrument);
        IsObserved = instrument.IsObservable;
        _takesLast = IsObserved || Kind == MetricKind.Gauge && !IsUpDown(instrument);
    }

    public string Name { get; }

    public MetricKind Kind { get; }

    /// <summary>The instrument's description, may be empty.</summary>
    public string Help { get; }

    /// <summary>True when it is asked at each scrape: series it no longer tells of are gone.</summary>
    public bool IsObserved { get; }

    public IEnumerable<KeyValuePair<TagSet, MetricSeries>> Series => _series;

    public bool IsEmpty => _series.IsEmpty;

    /// <summary>Records a measurement; drops it where there are too many series already.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_bySpan.TryGetValue(tags, out var series))
        {
            if (Volatile.Read(ref _count) >= MaxSeries) return;
            var created = Create();
            if (_bySpan.TryAdd(tags, created))
            {
                Interlocked.Increment(ref _count);
                series = created;
            }
            else if (!_bySpan.TryGetValue(tags, out series))
            {
                return;
            }
        }

        series.Record(value);
    }

    /// <summary>Forgets the series, before an observation tells of those there are now.</summary>
    public void Clear()
    {
        _series.Clear();
        Volatile.Write(ref _count, 0);
    }

    private MetricSeries Create() =>
        Kind == MetricKind.Histogram ? new HistogramSeries(_bounds) : _takesLast ? new LastValueSeries() : new SumSeries();

    private static MetricKind KindOf(Instrument instrument) => Generic(instrument) switch
    {
        nameof(Histogram<>) => MetricKind.Histogram,
        // .NET calls two of its gauges counters, and they go down.
        nameof(ObservableCounter<>) when instrument.Name is "dotnet.thread_pool.thread.count" or "dotnet.thread_pool.queue.length" => MetricKind.Gauge,
        nameof(Counter<>) or nameof(ObservableCounter<>) => MetricKind.Counter,
        _ => MetricKind.Gauge,
    };

    private static bool IsUpDown(Instrument instrument) => Generic(instrument) == nameof(UpDownCounter<>);

    /// <summary>The name of the instrument's class without its type argument.</summary>
    private static string Generic(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.IndexOf('`', StringComparison.Ordinal) is var tick and >= 0 ? name[..tick] : name;
    }

    private static double[] BoundsOf(Instrument instrument)
    {
        var advised = instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries?.ToArray(),
            Histogram<int> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(Convert.ToDouble).ToArray(),
            Histogram<long> histogram => histogram.Advice?.HistogramBucketBoundaries?.Select(Convert.ToDouble).ToArray(),
            _ => null,
        };
        return advised ?? (instrument.Unit == "s" ? _seconds : _numbers);
    }
}
