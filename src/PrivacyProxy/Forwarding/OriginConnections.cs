using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;
using PrivacyProxy.Egress;
using PrivacyProxy.Egress.Pools;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Tunneling.Admission;

namespace PrivacyProxy.Forwarding;

/// <summary>
/// The connections to origins, dialled as those of tunnels are: resolved, checked, from the address of the place. Kept for a while, apart
/// for each pool of source addresses, so that no request goes out from another place than its own; after a change of the settings of
/// either, new ones are made.
/// </summary>
internal sealed class OriginConnections
{
    private readonly IEgress _egress;
    private readonly SourcePools _pools;
    private readonly ConnectionRegistry _places;
    private readonly TunnelMetrics _metrics;
    private readonly TimeProvider _time;

    // Those of before are used up by their requests, and then closed for idleness.
    private readonly Derived<EgressOptions, Derived<ForwardingOptions, ConcurrentDictionary<(SourcePool Pool, bool IsKept), HttpMessageInvoker>>> _clients;
    private readonly IOptions<ForwardingOptions> _options;

    public OriginConnections(IEgress egress, SourcePools pools, ConnectionRegistry places, TunnelMetrics metrics, IOptions<EgressOptions> egressOptions, IOptions<ForwardingOptions> options, TimeProvider time)
    {
        (_egress, _pools, _places, _metrics, _options, _time) = (egress, pools, places, metrics, options, time);
        _clients = new(() => egressOptions.Value, _ => new(() => _options.Value, static _ => new()));
    }

    /// <summary>What sends requests of clients from a place.</summary>
    /// <param name="geohash">Of the place.</param>
    /// <param name="country">As an issuer signed it; null without.</param>
    /// <param name="mayBeKept">False where the connection is to carry this request alone.</param>
    public HttpMessageInvoker For(string? geohash, string? country, bool mayBeKept) =>
        _clients.Value.Value.GetOrAdd((_pools.Choose(geohash, country), mayBeKept), static (key, connections) => connections.Create(key.IsKept), this);

    private HttpMessageInvoker Create(bool isKept) => new(new SocketsHttpHandler
    {
        // What a client sends, and nothing else.
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        PreAuthenticate = false,
        PooledConnectionIdleTimeout = isKept ? _options.Value.KeepAlive : TimeSpan.Zero,
        ConnectCallback = ConnectAsync,
        // The egress has its own.
        ConnectTimeout = Timeout.InfiniteTimeSpan,
    });

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        if (!context.InitialRequestMessage.Options.TryGetValue(OriginRequest.Key, out var request)) throw new InvalidOperationException("A request of nobody.");
        // Not the client's place, which is another's when this connection is still kept.
        if (!_places.TryReserveTunnel(asking: null)) throw new EgressException(ProxyStatusError.ConnectionLimitReached);
        Socket? socket = null;
        request.TryHoldTrace(out var trace);
        try
        {
            socket = await DialAsync(request, trace, cancellationToken);
            return new OriginStream(socket, _metrics, _places);
        }
        finally
        {
            trace?.Release();
            if (socket is null) _places.ReleaseTunnel(connection: null, wasAccepted: false);
        }
    }

    private async ValueTask<Socket> DialAsync(OriginRequest request, RequestTrace? trace, CancellationToken cancellationToken)
    {
        var began = _time.GetTimestamp();
        var connection = await _egress.ConnectAsync(new EgressRequest(request.Target, request.Geohash, trace, Country: request.Country), cancellationToken);
        if (connection.Socket is not { } socket) throw new EgressException(connection.Error, connection.Rcode);
        _metrics.Connected(_time.GetElapsedTime(began), trace?.KeptId ?? default);
        return socket;
    }
}
