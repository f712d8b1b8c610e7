using System.Diagnostics.Metrics;
using System.Numerics;
using Prometheus;

namespace PrivacyProxy.Recording.Instruments;

/// <summary>
/// Where features make the families they record. Each stands twice: in prometheus-net's registry, which <c>/metrics</c> shows, and as an
/// instrument of .NET, which costs a look at a field until somebody listens (OTLP). One for each host; docs/design/metrics.md.
/// </summary>
internal sealed class ProxyMeter : IDisposable
{
    public const string Name = "PrivacyProxy";

    private readonly Meter _meter = new(Name);
    private readonly MetricFactory? _scraped;

    /// <param name="isScraped">False keeps nothing for <c>/metrics</c>.</param>
    public ProxyMeter(bool isScraped = true)
    {
        if (!isScraped) return;
        _scraped = Metrics.WithCustomRegistry(Registry);
        // Without a provider: the ambient activity is Kestrel's, whose ids a client sends.
        _scraped.ExemplarBehavior = new ExemplarBehavior();
    }

    /// <summary>The host's own, without the families that prometheus-net adds to its default one.</summary>
    public CollectorRegistry Registry { get; } = Metrics.NewCustomRegistry();

    /// <summary>False when nothing is kept for <c>/metrics</c>.</summary>
    public bool IsScraped => _scraped is not null;

    /// <summary>A histogram, with at most two labels.</summary>
    public HistogramFamily Histogram(string name, string? unit, string help, double[] bounds, params string[] labels) => new(
        _scraped?.CreateHistogram(name, help, labels, new HistogramConfiguration { Buckets = bounds, SuppressInitialValue = true }),
        _meter.CreateHistogram(name, unit, help, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds }),
        labels);

    /// <summary>A counter of what is rare, with at most two labels; what is counted for each request is a <see cref="Tally"/>.</summary>
    public CounterFamily Counter(string name, string help, params string[] labels) =>
        new(_scraped?.CreateCounter(name, help, labels), _meter.CreateCounter<long>(name, null, help), labels);

    /// <summary>A counter that is read when it is asked for.</summary>
    public void ObservedCounter<T>(string name, string? unit, string help, Func<IEnumerable<Measurement<T>>> read, params string[] labels) where T : struct, INumber<T>
    {
        _meter.CreateObservableCounter(name, read, unit, help);
        if (_scraped is not null) Registry.AddBeforeCollectCallback(new ObservedCounterFamily<T>(_scraped.CreateCounter(name, help, labels, new CounterConfiguration { SuppressInitialValue = true }), read).Read);
    }

    /// <summary>A gauge that is read when it is asked for; values that cannot be added up.</summary>
    public void ObservedGauge<T>(string name, string? unit, string help, Func<IEnumerable<Measurement<T>>> read, params string[] labels) where T : struct, INumber<T>
    {
        _meter.CreateObservableGauge(name, read, unit, help);
        Scrape(name, help, read, labels);
    }

    /// <summary>A gauge that is read when it is asked for; values of several proxies can be added up.</summary>
    public void ObservedSum<T>(string name, string? unit, string help, Func<IEnumerable<Measurement<T>>> read, params string[] labels) where T : struct, INumber<T>
    {
        _meter.CreateObservableUpDownCounter(name, read, unit, help);
        Scrape(name, help, read, labels);
    }

    public void Dispose() => _meter.Dispose();

    private void Scrape<T>(string name, string help, Func<IEnumerable<Measurement<T>>> read, string[] labels) where T : struct, INumber<T>
    {
        if (_scraped is not null) Registry.AddBeforeCollectCallback(new ObservedGaugeFamily<T>(_scraped.CreateGauge(name, help, labels, new GaugeConfiguration { SuppressInitialValue = true }), read).Read);
    }
}
