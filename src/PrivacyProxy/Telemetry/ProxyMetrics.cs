using System.Diagnostics;
using System.Diagnostics.Metrics;
using PrivacyProxy.Redemption;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Telemetry;

/// <summary>The instruments of the proxy. Their names are a contract; no label ever holds a client address, a destination, a token or a key.</summary>
internal sealed class ProxyMetrics : IDisposable
{
    public const string MeterName = "PrivacyProxy";

    private static readonly string[] _results = [.. Enum.GetNames<RedemptionResult>().Select(SnakeCase)];

    // Boxed once: a tag value is an object, and a record must not allocate.
    private static readonly object[] _statuses = [.. Enumerable.Range(0, 600).Select(static status => (object)status)];

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _requestsByStatus;
    private readonly Counter<long> _redemptions;
    private readonly Counter<long> _proxyStatus;
    private readonly Counter<long> _bytesSent;
    private readonly Counter<long> _bytesReceived;
    private readonly Counter<long> _connections;
    private readonly UpDownCounter<long> _connectionsActive;
    private readonly Histogram<double> _connectionsDuration;
    private readonly Histogram<double> _connectLatency;
    private readonly UpDownCounter<long> _tunnelsActive;

    public ProxyMetrics()
    {
        _meter = new Meter(MeterName);
        _requests = _meter.CreateCounter<long>("privacy_proxy_requests_total", description: "Tunnel requests read.");
        _requestsByStatus = _meter.CreateCounter<long>("privacy_proxy_requests_by_status", description: "Tunnel requests by HTTP status answered.");
        _redemptions = _meter.CreateCounter<long>("privacy_proxy_token_redemptions_total", description: "Redemptions by result.");
        _proxyStatus = _meter.CreateCounter<long>("privacy_proxy_proxy_status_total", description: "Refusals by Proxy-Status error (RFC 9209).");
        _bytesSent = _meter.CreateCounter<long>("privacy_proxy_bytes_sent_total", "By", "Bytes sent to clients in tunnels.");
        _bytesReceived = _meter.CreateCounter<long>("privacy_proxy_bytes_received_total", "By", "Bytes received from clients in tunnels.");
        _connections = _meter.CreateCounter<long>("privacy_proxy_connections_total", description: "Tunnels opened.");
        _connectionsActive = _meter.CreateUpDownCounter<long>("privacy_proxy_connections_active", description: "Tunnels open now.");
        _connectionsDuration = _meter.CreateHistogram<double>("privacy_proxy_connections_duration_seconds", "s", "How long tunnels lived.");
        _connectLatency = _meter.CreateHistogram<double>("privacy_proxy_connect_latency_seconds", "s", "From dialling to connected, DNS included.");
        _tunnelsActive = _meter.CreateUpDownCounter<long>("privacy_proxy_tunnels_active", description: "Tunnels open now by protocol and kind.");
    }

    public void RequestRead() => _requests.Add(1);

    public void Answered(int status) => _requestsByStatus.Add(1, new KeyValuePair<string, object?>("status", _statuses[status]));

    public void Redeemed(RedemptionResult result) =>
        _redemptions.Add(1, new KeyValuePair<string, object?>("result", Label(result)));

    /// <summary>The value of the label <c>result</c>: the name in snake case.</summary>
    public static string Label(RedemptionResult result) => _results[(int)result];

    public void Refused(ProxyStatusError error) =>
        _proxyStatus.Add(1, new KeyValuePair<string, object?>("error", ProxyStatus.Token(error)));

    public void Connected(TimeSpan elapsed) => _connectLatency.Record(elapsed.TotalSeconds);

    public void TunnelOpened(TunnelProtocol protocol, TunnelKind kind)
    {
        _connections.Add(1);
        _connectionsActive.Add(1);
        _tunnelsActive.Add(1, Tags(protocol, kind));
    }

    public void TunnelClosed(TunnelProtocol protocol, TunnelKind kind, TimeSpan duration, long bytesSent, long bytesReceived)
    {
        _connectionsActive.Add(-1);
        _tunnelsActive.Add(-1, Tags(protocol, kind));
        _connectionsDuration.Record(duration.TotalSeconds);
        _bytesSent.Add(bytesSent);
        _bytesReceived.Add(bytesReceived);
    }

    public void Dispose() => _meter.Dispose();

    private static TagList Tags(TunnelProtocol protocol, TunnelKind kind) => new()
    {
        { "protocol", protocol switch { TunnelProtocol.Http1 => "http1", TunnelProtocol.Http2 => "http2", _ => "http3" } },
        { "kind", kind switch { TunnelKind.Connect => "connect", TunnelKind.ConnectTcp => "connect_tcp", _ => "connect_udp" } },
    };

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
