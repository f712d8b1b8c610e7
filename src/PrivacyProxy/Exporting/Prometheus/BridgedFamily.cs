using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Prometheus;

namespace PrivacyProxy.Exporting.Prometheus;

/// <summary>One instrument of another's meter and its series in prometheus-net's registry.</summary>
internal sealed class BridgedFamily
{
    /// <summary>A label with unbounded values would otherwise take unbounded memory.</summary>
    public const int MaxSeries = 2000;

    // For durations without advice of their own: 20 us, 1 ms and 40 ms lie in different buckets.
    private static readonly double[] _seconds =
        [20e-6, 50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 40e-3, 50e-3, 100e-3, 250e-3, 500e-3, 1, 2.5, 5, 10, 30, 60, 300, 3600];

    private static readonly double[] _numbers = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000];

    private readonly ConcurrentDictionary<TagSet, BridgedSeries> _series = new(TagSetComparer.Instance);
    private readonly ConcurrentDictionary<TagSet, BridgedSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _bySpan;
    private readonly MetricFactory _factory;
    private readonly MetricKind _kind;
    private readonly string _name;
    private readonly string _help;
    private readonly double[] _bounds;
    private readonly bool _takesLast;
    private int _count;

    public BridgedFamily(Instrument instrument, CollectorRegistry registry)
    {
        _bySpan = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
        _factory = Metrics.WithCustomRegistry(registry);
        _factory.ExemplarBehavior = new ExemplarBehavior();
        _kind = KindOf(instrument);
        _name = PrometheusName.Of(instrument, _kind);
        _help = OneLine(instrument.Description ?? "");
        _bounds = BoundsOf(instrument);
        _takesLast = instrument.IsObservable || Generic(instrument) is not (nameof(UpDownCounter<>) or nameof(Counter<>));
    }

    /// <summary>Records a measurement; drops it where there are too many series already.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!_bySpan.TryGetValue(tags, out var series))
        {
            if (Volatile.Read(ref _count) >= MaxSeries) return;
            var created = Create(tags);
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

    /// <summary>Instruments leave tags out where they do not apply: prometheus-net has a collector for each set of label names.</summary>
    private BridgedSeries Create(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var (names, values) = (new string[tags.Length], new string[tags.Length]);
        for (var i = 0; i < tags.Length; i++)
            (names[i], values[i]) = (PrometheusName.OfLabel(tags[i].Key), Convert.ToString(tags[i].Value, CultureInfo.InvariantCulture) ?? "");
        return _kind switch
        {
            MetricKind.Histogram => new BridgedHistogram(_factory.CreateHistogram(_name, _help, names, new HistogramConfiguration { Buckets = _bounds, SuppressInitialValue = true }).WithLabels(values)),
            MetricKind.Counter => new BridgedCounter(_factory.CreateCounter(_name, _help, names, new CounterConfiguration { SuppressInitialValue = true }).WithLabels(values), _takesLast),
            _ => new BridgedGauge(_factory.CreateGauge(_name, _help, names, new GaugeConfiguration { SuppressInitialValue = true }).WithLabels(values), _takesLast),
        };
    }

    private static MetricKind KindOf(Instrument instrument) => Generic(instrument) switch
    {
        nameof(Histogram<>) => MetricKind.Histogram,
        // .NET calls two of its gauges counters, and they go down.
        nameof(ObservableCounter<>) when instrument.Name is "dotnet.thread_pool.thread.count" or "dotnet.thread_pool.queue.length" => MetricKind.Gauge,
        nameof(Counter<>) or nameof(ObservableCounter<>) => MetricKind.Counter,
        _ => MetricKind.Gauge,
    };

    /// <summary>The name of the instrument's class without its type argument.</summary>
    private static string Generic(Instrument instrument)
    {
        var name = instrument.GetType().Name;
        return name.IndexOf('`', StringComparison.Ordinal) is var tick and >= 0 ? name[..tick] : name;
    }

    /// <summary>prometheus-net writes help texts as they are, and OpenMetrics wants quotes escaped that the text format does not.</summary>
    private static string OneLine(string help) => help.Replace('\\', '/').ReplaceLineEndings(" ").Replace('"', '\'');

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
