using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using PrivacyProxy.Listeners;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using Yarp.ReverseProxy.Forwarder;

namespace PrivacyProxy.Forwarding;

/// <summary>
/// Tells plain requests from those for the proxy itself: absolute-form with <c>http</c> on HTTP/1.1 (RFC 9112, section 3.2.2), and that scheme
/// on later versions, with an authority that is not the proxy's own.
/// </summary>
internal sealed class PlainRequests(
    IHttpForwarder forwarder, OriginConnections connections, IOptions<ForwardingOptions> options, IOptions<TunnelOptions> tunnels, IProxyIdentity identity, TimeProvider time) : IPlainRequests
{
    private const string Scheme = "http://";

    /// <summary>What Kestrel makes of a Content-Length beside Transfer-Encoding.</summary>
    private const string RenamedLength = "X-Content-Length";

    public IHttpForwarder Forwarder => forwarder;

    public OriginConnections Connections => connections;

    public IProxyIdentity Identity => identity;

    public TimeProvider Time => time;

    public TimeSpan IdleTimeout => tunnels.Value.IdleTimeout;

    public TunnelExchange? Read(HttpContext context)
    {
        if (!options.Value.Enabled) return null;
        var protocol = context.Request.Protocol;
        return HttpProtocol.IsHttp2(protocol) ? ReadStream(context, TunnelProtocol.Http2)
            : HttpProtocol.IsHttp3(protocol) ? ReadStream(context, TunnelProtocol.Http3)
            : ReadHttp1(context);
    }

    private ForwardExchange? ReadStream(HttpContext context, TunnelProtocol protocol)
    {
        var request = context.Request;
        if (!string.Equals(request.Scheme, "http", StringComparison.OrdinalIgnoreCase)) return null;
        var authority = request.Headers.Host.ToString();
        if (authority.Length == 0 || IsOwn(authority, context.Connection)) return null;
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return Exchange(context, protocol, PlainTarget.Read(authority, path == "*" ? "/" : path));
    }

    private ForwardExchange? ReadHttp1(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!target.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var end = target.AsSpan(Scheme.Length).IndexOfAny("/?#");
        var authority = end < 0 ? target[Scheme.Length..] : target.Substring(Scheme.Length, end);
        if (IsOwn(authority, context.Connection)) return null;
        return Exchange(context, TunnelProtocol.Http1, Framing(context.Request) is { } wrong ? PlainTarget.Refused(wrong) : PlainTarget.Read(authority, end < 0 ? "/" : target[(Scheme.Length + end)..]));
    }

    private ForwardExchange Exchange(HttpContext context, TunnelProtocol protocol, PlainTarget target)
    {
        // It would show the origin what the client shows the proxy.
        if (HttpMethods.IsTrace(context.Request.Method)) target = PlainTarget.Refused(new InvalidRequest(StatusCodes.Status501NotImplemented, "TRACE is not forwarded"));
        return new ForwardExchange(context, protocol, target, this);
    }

    /// <summary>Whoever frames content in two ways, or in one that not everybody knows, may mean two requests.</summary>
    private static InvalidRequest? Framing(HttpRequest request)
    {
        var codings = request.Headers.TransferEncoding;
        if (codings.Count == 0) return null;
        if (request.Headers.ContentLength is not null || request.Headers.ContainsKey(RenamedLength) || !HttpProtocol.IsHttp11(request.Protocol))
            return new InvalidRequest(StatusCodes.Status400BadRequest, "content framed in two ways");
        return codings.Count == 1 && string.Equals(codings[0], "chunked", StringComparison.OrdinalIgnoreCase)
            ? null
            : new InvalidRequest(StatusCodes.Status501NotImplemented, "a transfer coding other than chunked");
    }

    private bool IsOwn(string authority, ConnectionInfo connection)
    {
        if (string.Equals(authority, identity.Name, StringComparison.OrdinalIgnoreCase)) return true;
        if (connection.LocalIpAddress is not { } local || !authority.EndsWith($":{connection.LocalPort}", StringComparison.Ordinal)) return false;
        var host = authority[..authority.LastIndexOf(':')].Trim('[', ']');
        return IPAddress.TryParse(host, out var address) ? address.Equals(local) : IPAddress.IsLoopback(local) && string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase);
    }
}
