using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Tunnels;

/// <summary>What a tunnel tells of its bytes.</summary>
public sealed class TunnelTrafficTests : IDisposable
{
    private readonly ProxyMeter _meter = new();
    private readonly TunnelMetrics _metrics;
    private readonly MetricRecorder _recorder;

    public TunnelTrafficTests() => (_metrics, _recorder) = (new TunnelMetrics(_meter), new MetricRecorder(_meter));

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task Each_byte_is_counted_once_whoever_tells_of_it()
    {
        const int chunks = 200_000;
        var traffic = new TunnelTraffic(_metrics, TimeProvider.System, receivedAt: 0);
        var up = Task.Run(() => { for (var i = 0; i < chunks; i++) traffic.ToDestination(1); });
        var down = Task.Run(() => { for (var i = 0; i < chunks; i++) traffic.FromDestination(2); });
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => { while (!up.IsCompleted || !down.IsCompleted) traffic.Tell(); })));
        traffic.Tell();
        traffic.Tell();
        Assert.Equal(chunks, _recorder["privacy_proxy_bytes_sent_total"]);
        Assert.Equal(2 * chunks, _recorder["privacy_proxy_bytes_received_total"]);
    }

    [Fact]
    public void The_first_byte_is_timed_from_the_request_and_once()
    {
        var time = new FakeTimeProvider();
        var timed = new List<double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Name == "privacy_proxy_first_byte_latency_seconds") listener.EnableMeasurementEvents(instrument);
        };
        // Other tests open tunnels beside this one; none takes exactly as long.
        listener.SetMeasurementEventCallback<double>((_, value, _, _) =>
        {
            if (value is 1234 or 1235) lock (timed) timed.Add(value);
        });
        listener.Start();
        var traffic = new TunnelTraffic(_metrics, time, time.GetTimestamp());
        time.Advance(TimeSpan.FromSeconds(1234));
        traffic.ToDestination(1);
        traffic.FromDestination(1);
        time.Advance(TimeSpan.FromSeconds(1));
        traffic.FromDestination(1);
        Assert.Equal([1234], timed);
    }
}
