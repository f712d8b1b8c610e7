using System.Diagnostics;
using PrivacyProxy.Recording;
using PrivacyProxy.Recording.Instruments;
using PrivacyProxy.Requests;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tunnels;

/// <summary>The instruments of tunnels and of the requests for them. Their names are a contract; no label ever holds a client address, a destination, a token or a key.</summary>
internal sealed class TunnelMetrics
{
    // From loopback to another continent, and up to the longest connect timeout; 1 ms and 40 ms lie far apart.
    private static readonly double[] _latencyBounds =
        [200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 30e-3, 40e-3, 50e-3, 75e-3, 100e-3, 150e-3, 200e-3, 300e-3, 500e-3, 1, 2, 5, 10, 30];

    private static readonly TunnelKind[] _kinds = Enum.GetValues<TunnelKind>();

    private readonly Tally _requestsByStatus = Tally.Of("status", Enumerable.Range(0, 600).Select(static status => (object)status));
    private readonly Tally _proxyStatus = Tally.Of("error", Enum.GetValues<ProxyStatusError>().Select(static error => error == ProxyStatusError.None ? "" : ProxyStatus.Token(error)));
    private readonly Tally _tunnelsOpened = new(TunnelLabels());
    private readonly Tally _tunnelsClosed = new(TunnelLabels());
    private readonly HistogramSeries _connectionsDuration;
    private readonly HistogramSeries _connectLatency;
    private readonly HistogramSeries _firstByteLatency;
    private long _requests;
    private long _bytesSent;
    private long _bytesReceived;

    public TunnelMetrics(ProxyMeter meter)
    {
        meter.ObservedCounter("privacy_proxy_requests_total", null, "Tunnel requests read.", Once.Of(() => Volatile.Read(ref _requests)));
        meter.ObservedCounter("privacy_proxy_requests_by_status", null, "Tunnel requests by HTTP status answered.", _requestsByStatus.Read, "status");
        meter.ObservedCounter("privacy_proxy_proxy_status_total", null, "Refusals by Proxy-Status error (RFC 9209).", _proxyStatus.Read, "error");
        meter.ObservedCounter("privacy_proxy_bytes_sent_total", "By", "Bytes sent to destinations in tunnels.", Once.Of(() => Volatile.Read(ref _bytesSent)));
        meter.ObservedCounter("privacy_proxy_bytes_received_total", "By", "Bytes received from destinations in tunnels.", Once.Of(() => Volatile.Read(ref _bytesReceived)));
        meter.ObservedCounter("privacy_proxy_connections_total", null, "Tunnels opened.", Once.Of(() => _tunnelsOpened.Sum));
        meter.ObservedSum("privacy_proxy_connections_active", null, "Tunnels open now.", Once.Of(() => _tunnelsOpened.Sum - _tunnelsClosed.Sum));
        meter.ObservedSum("privacy_proxy_tunnels_active", null, "Tunnels open now by protocol and kind.", () => _tunnelsOpened.ReadMoreThan(_tunnelsClosed), "protocol", "kind");
        _connectionsDuration = Seconds(meter, "privacy_proxy_connections_duration_seconds", "How long tunnels lived.", 0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600);
        _connectLatency = Seconds(meter, "privacy_proxy_connect_latency_seconds", "From dialling to connected, DNS included.", _latencyBounds);
        _firstByteLatency = Seconds(meter, "privacy_proxy_first_byte_latency_seconds", "From the request to the first byte of the origin on its way to the client.", _latencyBounds);
    }

    public void RequestRead() => Interlocked.Increment(ref _requests);

    public void Answered(int status) => _requestsByStatus.Increment(status);

    public void Refused(ProxyStatusError error) => _proxyStatus.Increment((int)error);

    /// <summary>A connection to an origin stands.</summary>
    /// <param name="elapsed">Since it was asked for, DNS included.</param>
    /// <param name="traceId">The request's trace if it is kept, for the exemplar.</param>
    public void Connected(TimeSpan elapsed, in ActivityTraceId traceId = default) => _connectLatency.Record(elapsed.TotalSeconds, traceId);

    /// <summary>The first byte from an origin was written towards the client.</summary>
    /// <param name="elapsed">Since the request had been read.</param>
    /// <param name="traceId">The request's trace if it is kept, for the exemplar.</param>
    public void FirstByte(TimeSpan elapsed, in ActivityTraceId traceId = default) => _firstByteLatency.Record(elapsed.TotalSeconds, traceId);

    public void TunnelOpened(TunnelProtocol protocol, TunnelKind kind) => _tunnelsOpened.Increment(IndexOf(protocol, kind));

    /// <summary>Bytes moved in a tunnel since it told last.</summary>
    /// <param name="sent">To the destination.</param>
    /// <param name="received">From the destination.</param>
    public void Moved(long sent, long received)
    {
        Interlocked.Add(ref _bytesSent, sent);
        Interlocked.Add(ref _bytesReceived, received);
    }

    public void TunnelClosed(TunnelProtocol protocol, TunnelKind kind, TimeSpan duration)
    {
        _tunnelsClosed.Increment(IndexOf(protocol, kind));
        _connectionsDuration.Record(duration.TotalSeconds);
    }

    private static HistogramSeries Seconds(ProxyMeter meter, string name, string help, params double[] bounds) => meter.Histogram(name, "s", help, bounds).With();

    private static int IndexOf(TunnelProtocol protocol, TunnelKind kind) => ((int)protocol * _kinds.Length) + (int)kind;

    private static KeyValuePair<string, object?>[][] TunnelLabels() =>
        [.. Enum.GetValues<TunnelProtocol>().SelectMany(static protocol => _kinds.Select(kind => new KeyValuePair<string, object?>[] { new("protocol", protocol.Label()), new("kind", kind.Label()) }))];
}
