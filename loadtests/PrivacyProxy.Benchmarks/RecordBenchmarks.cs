using System.Diagnostics;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Benchmarks;

/// <summary>One measurement as a request makes it, while <c>/metrics</c> is kept and nothing is sent to a collector.</summary>
[MemoryDiagnoser]
public class RecordBenchmarks : IDisposable
{
    private static readonly TimeSpan _elapsed = TimeSpan.FromMicroseconds(730);

    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();
    private readonly Meter _kestrels = new("Microsoft.AspNetCore.Server.Kestrel");
    private readonly ProxyMeter _meter = new();
    private readonly MeterBridge _bridge;
    private readonly TunnelMetrics _tunnels;
    private readonly SpentTokenMetrics _store;
    private readonly Histogram<double> _bridged;

    public RecordBenchmarks()
    {
        (_bridge, _tunnels, _store) = (new MeterBridge(_meter), new TunnelMetrics(_meter), new SpentTokenMetrics(_meter));
        _bridged = _kestrels.CreateHistogram<double>("benchmark.duration", "s");
    }

    [Benchmark(Description = "a histogram")]
    public void Unlabelled() => _tunnels.Connected(_elapsed);

    [Benchmark(Description = "a histogram with two labels")]
    public void Labelled() => _store.Checked("spend", "memcached", _elapsed);

    [Benchmark(Description = "a histogram with two labels and an exemplar")]
    public void Exemplar() => _store.Checked("spend", "memcached", _elapsed, _trace);

    [Benchmark(Description = "a counter of each request")]
    public void Tallied() => _tunnels.Answered(200);

    [Benchmark(Description = "a counter of a node")]
    public void Counted() => _store.Reconnect("127.0.0.1:11211");

    [Benchmark(Description = "a histogram of Kestrel's, two tags")]
    public void Bridged() => _bridged.Record(730e-6, new KeyValuePair<string, object?>("network.transport", "tcp"), new("network.type", "ipv4"));

    public void Dispose()
    {
        _bridge.Dispose();
        _meter.Dispose();
        _kestrels.Dispose();
        GC.SuppressFinalize(this);
    }
}
