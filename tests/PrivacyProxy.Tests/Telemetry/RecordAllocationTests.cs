using System.Diagnostics;
using System.Diagnostics.Metrics;
using PrivacyPass;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Recording;
using PrivacyProxy.Redemption;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Requests;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.SpentTokens.Memcached.Wire;
using PrivacyProxy.Tests.Configuration;
using PrivacyProxy.Tests.SpentTokens.Memcached.Wire;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Telemetry;

/// <summary>What a measurement costs the request that makes it, with the scrape's collection listening and exemplars on.</summary>
[Collection(AloneCollection.Name)]
public sealed class RecordAllocationTests : IDisposable
{
    private const int Rounds = 1000;

    private readonly TunnelMetrics _tunnels = new();
    private readonly RedemptionMetrics _redemption = new(new IssuerKeySet(TestOptions.Identity(), TimeProvider.System), TimeProvider.System);
    private readonly SpentTokenMetrics _store = new();
    private readonly MetricCollection _collection = new();
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();

    public void Dispose()
    {
        _collection.Dispose();
        _store.Dispose();
        _tunnels.Dispose();
        _redemption.Dispose();
    }

    [Fact]
    public void No_instrument_allocates()
    {
        // The first time makes series and compiles.
        for (var round = 0; round < Rounds; round++) RecordAll(round);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < Rounds; round++) RecordAll(round);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Every_instrument_that_is_recorded_is_among_them()
    {
        var recorded = new HashSet<string>(StringComparer.Ordinal);
        var published = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name != ProxyMeter.Name || instrument.IsObservable) return;
            published.Add(instrument.Name);
            listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => recorded.Add(instrument.Name));
        listener.SetMeasurementEventCallback<int>((instrument, _, _, _) => recorded.Add(instrument.Name));
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => recorded.Add(instrument.Name));
        listener.Start();
        RecordAll(0);
        Assert.Equal(published.Order(StringComparer.Ordinal), recorded.Order(StringComparer.Ordinal));
    }

    private void RecordAll(int round)
    {
        var elapsed = TimeSpan.FromMicroseconds(round * 50);
        _tunnels.RequestRead();
        _tunnels.Answered(200);
        _redemption.Redeemed(RedemptionResult.Accepted);
        _tunnels.Refused(ProxyStatusError.ConnectionTimeout);
        _tunnels.Connected(elapsed, _trace);
        _tunnels.FirstByte(elapsed, _trace);
        _redemption.Verified(TokenType.BlindRsa2048, elapsed, _trace);
        _tunnels.TunnelOpened(TunnelProtocol.Http2, TunnelKind.Connect);
        _tunnels.Moved(1, 2);
        _tunnels.TunnelClosed(TunnelProtocol.Http2, TunnelKind.Connect, elapsed);
        _store.Checked("spend", "memcached", elapsed, _trace);
        _store.Checked("lookup", "memcached", elapsed);
        _store.BatchSent(round);
        _store.NodeReplied("127.0.0.1:11211", elapsed);
        _store.Committed(elapsed);
        _store.Reconnect("127.0.0.1:11211");
        _store.MemoryLost("127.0.0.1:11211");
        _store.Unavailable("127.0.0.1:11211", MemcachedReply.TimedOut);
    }
}
