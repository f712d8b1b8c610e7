using System.Diagnostics;
using System.Diagnostics.Metrics;
using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.SpentTokens.Memcached.Wire;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Redemption;
using PrivacyProxy.Requests;
using PrivacyProxy.SpentTokens;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Tests.Telemetry;

/// <summary>What a measurement costs the request that makes it, in prometheus-net's registry and with exemplars on; then with a listener, as OTLP is one.</summary>
[Collection(AloneCollection.Name)]
public sealed class RecordAllocationTests : IDisposable
{
    private const int Rounds = 1000;

    private readonly ProxyMeter _meter = new();
    private readonly TunnelMetrics _tunnels;
    private readonly RedemptionMetrics _redemption;
    private readonly SpentTokenMetrics _store;
    private readonly ActivityTraceId _trace = ActivityTraceId.CreateRandom();

    private readonly Action<TimeSpan> _nodeReplied;

    public RecordAllocationTests()
    {
        (_tunnels, _redemption, _store) = (
            new TunnelMetrics(_meter), new RedemptionMetrics(new AcceptedKeySet(static () => new ChallengeSettings(""), TimeProvider.System), TimeProvider.System, _meter), new SpentTokenMetrics(_meter));
        _nodeReplied = _store.NodeReplied("127.0.0.1:11211");
    }

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void No_instrument_allocates()
    {
        Assert.Equal(0, AllocatedByAll());
        // OTLP listens beside: the instruments of .NET are recorded too.
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == ProxyMeter.Name) listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        listener.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
        listener.Start();
        Assert.Equal(0, AllocatedByAll());
    }

    private long AllocatedByAll() => AllocatedBytes.Least(() =>
    {
        for (var round = 0; round < Rounds; round++) RecordAll(round);
    });

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
        _nodeReplied(elapsed);
        _store.Committed(elapsed);
        _store.Reconnect("127.0.0.1:11211");
        _store.MemoryLost("127.0.0.1:11211");
        _store.Unavailable("127.0.0.1:11211", MemcachedReply.TimedOut);
    }
}
