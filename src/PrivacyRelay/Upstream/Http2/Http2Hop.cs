using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using PrivacyRelay.Streams;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Upstream.Http2;

/// <summary>Asks a proxy over HTTP/2 by extended CONNECT (RFC 8441): one connection carries many tunnels.</summary>
internal sealed class Http2Hop : IHopProtocol
{
    /// <summary>What a tunnel nobody reads from may hold in memory; above the delay-bandwidth product of most ways, and it grows with use.</summary>
    private const int StreamWindow = 1024 * 1024;

    /// <summary>Largest response head, KiB.</summary>
    private const int MaxResponseHead = 32;

    private static readonly TimeSpan _pingDelay = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _pingTimeout = TimeSpan.FromSeconds(10);

    private readonly ProxyPeer _peer;
    private readonly Func<CancellationToken, ValueTask<DuplexStream>> _dial;
    private readonly List<SslApplicationProtocol> _versions;
    private readonly HttpMessageInvoker _http;

    /// <param name="peer">The proxy.</param>
    /// <param name="dial">A stream that reaches it, without TLS.</param>
    /// <param name="connectTimeout">How long a connection may take.</param>
    /// <param name="offersHttp1">Whether the proxy may choose HTTP/1.1 in place, which ends the try with <see cref="Http2NotSpokenException"/>.</param>
    public Http2Hop(ProxyPeer peer, Func<CancellationToken, ValueTask<DuplexStream>> dial, TimeSpan connectTimeout, bool offersHttp1)
    {
        _peer = peer;
        _dial = dial;
        _versions = offersHttp1 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http2];
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) => await ConnectAsync(cancellationToken),
            ConnectTimeout = connectTimeout,
            // More tunnels than the proxy allows on a connection open another one.
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindow,
            KeepAlivePingDelay = _pingDelay,
            KeepAlivePingTimeout = _pingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            MaxResponseHeadersLength = MaxResponseHead,
            // Nothing of its own: the proxy gets what the relay says and no more.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        });
    }

    public async ValueTask<HopAnswer?> AskAsync(TunnelKind kind, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        using var request = TunnelRequests.Create(kind, _peer, destination, authorization);
        request.Version = HttpVersion.Version20;
        authorization.WasSent = true;
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            authorization.WasSent = !IsBeforeRequest(e.HttpRequestError);
            throw Cause(e);
        }

        return await TunnelRequests.ReadAsync(kind, response, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>TLS is ours, so that the proxy's choice of version is seen; the handler takes it as it is.</summary>
    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var carrier = await _dial(cancellationToken);
        if (!_peer.HasTls) return carrier;
        var tls = await _peer.AuthenticateAsync(carrier, _versions, cancellationToken);
        if (tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2) return tls;
        throw new Http2NotSpokenException(DuplexStream.Over(tls, carrier));
    }

    private static bool IsBeforeRequest(HttpRequestError error) => error
        is HttpRequestError.ConnectionError
        or HttpRequestError.SecureConnectionError
        or HttpRequestError.NameResolutionError
        or HttpRequestError.VersionNegotiationError
        or HttpRequestError.ExtendedConnectNotSupported;

    /// <summary>What the handler has wrapped up, as the other versions throw it.</summary>
    private static Exception Cause(HttpRequestException exception)
    {
        if (exception.HttpRequestError is HttpRequestError.ExtendedConnectNotSupported or HttpRequestError.VersionNegotiationError)
            return new Http2NotSpokenException(connection: null);
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is Http2NotSpokenException or TunnelException or TokensUnavailableException or AuthenticationException or SocketException) return e;
        }

        return new IOException("The connection to the proxy failed.", exception);
    }
}
