using System.Diagnostics;
using System.Diagnostics.Metrics;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using PrivacyProxy.SpentTokens.Memcached.Wire;

namespace PrivacyProxy.Tunnels;

/// <summary>The instruments of tunnels and of the requests for them. Their names are a contract; no label ever holds a client address, a destination, a token or a key.</summary>
internal sealed class TunnelMetrics : IDisposable
{
    // From loopback to another continent, and up to the longest connect timeout; 1 ms and 40 ms lie far apart.
    private static readonly double[] _latencyBounds =
        [200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 30e-3, 40e-3, 50e-3, 75e-3, 100e-3, 150e-3, 200e-3, 300e-3, 500e-3, 1, 2, 5, 10, 30];

    private static readonly TunnelKind[] _kinds = Enum.GetValues<TunnelKind>();

    private readonly Meter _meter;
    private readonly Tally _requestsByStatus = Tally.Of("status", Enumerable.Range(0, 600).Select(static status => (object)status));
    private readonly Tally _proxyStatus = Tally.Of("error", Enum.GetValues<ProxyStatusError>().Select(static error => error == ProxyStatusError.None ? "" : ProxyStatus.Token(error)));
    private readonly Tally _tunnelsOpened = new(TunnelLabels());
    private readonly Tally _tunnelsClosed = new(TunnelLabels());
    private readonly Histogram<double> _connectionsDuration;
    private readonly Histogram<double> _connectLatency;
    private readonly Histogram<double> _firstByteLatency;
    private long _requests;
    private long _bytesSent;
    private long _bytesReceived;

    public TunnelMetrics()
    {
        _meter = new Meter(ProxyMeter.Name);
        _meter.CreateObservableCounter("privacy_proxy_requests_total", () => Volatile.Read(ref _requests), description: "Tunnel requests read.");
        _meter.CreateObservableCounter("privacy_proxy_requests_by_status", _requestsByStatus.Read, description: "Tunnel requests by HTTP status answered.");
        _meter.CreateObservableCounter("privacy_proxy_proxy_status_total", _proxyStatus.Read, description: "Refusals by Proxy-Status error (RFC 9209).");
        _meter.CreateObservableCounter("privacy_proxy_bytes_sent_total", () => Volatile.Read(ref _bytesSent), "By", "Bytes sent to destinations in tunnels.");
        _meter.CreateObservableCounter("privacy_proxy_bytes_received_total", () => Volatile.Read(ref _bytesReceived), "By", "Bytes received from destinations in tunnels.");
        _meter.CreateObservableCounter("privacy_proxy_connections_total", () => _tunnelsOpened.Sum, description: "Tunnels opened.");
        _meter.CreateObservableUpDownCounter("privacy_proxy_connections_active", () => _tunnelsOpened.Sum - _tunnelsClosed.Sum, description: "Tunnels open now.");
        _meter.CreateObservableUpDownCounter("privacy_proxy_tunnels_active", () => _tunnelsOpened.ReadMoreThan(_tunnelsClosed), description: "Tunnels open now by protocol and kind.");
        _connectionsDuration = Seconds("privacy_proxy_connections_duration_seconds", "How long tunnels lived.", 0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600);
        _connectLatency = Seconds("privacy_proxy_connect_latency_seconds", "From dialling to connected, DNS included.", _latencyBounds);
        _firstByteLatency = Seconds("privacy_proxy_first_byte_latency_seconds", "From the request to the first byte of the origin on its way to the client.", _latencyBounds);
    }

    public void RequestRead() => Interlocked.Increment(ref _requests);

    public void Answered(int status) => _requestsByStatus.Increment(status);

    public void Refused(ProxyStatusError error) => _proxyStatus.Increment((int)error);

    /// <summary>A connection to an origin stands.</summary>
    /// <param name="elapsed">Since it was asked for, DNS included.</param>
    /// <param name="traceId">The request's trace if it is kept, for the exemplar.</param>
    public void Connected(TimeSpan elapsed, in ActivityTraceId traceId = default) => ExemplarTrace.Record(_connectLatency, elapsed.TotalSeconds, traceId);

    /// <summary>The first byte from an origin was written towards the client.</summary>
    /// <param name="elapsed">Since the request had been read.</param>
    /// <param name="traceId">The request's trace if it is kept, for the exemplar.</param>
    public void FirstByte(TimeSpan elapsed, in ActivityTraceId traceId = default) => ExemplarTrace.Record(_firstByteLatency, elapsed.TotalSeconds, traceId);

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

    public void Dispose() => _meter.Dispose();

    private Histogram<double> Seconds(string name, string description, params double[] bounds) =>
        _meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private static int IndexOf(TunnelProtocol protocol, TunnelKind kind) => ((int)protocol * _kinds.Length) + (int)kind;

    private static KeyValuePair<string, object?>[][] TunnelLabels() =>
        [.. Enum.GetValues<TunnelProtocol>().SelectMany(static protocol => _kinds.Select(kind => new KeyValuePair<string, object?>[] { new("protocol", protocol.Label()), new("kind", kind.Label()) }))];
}
