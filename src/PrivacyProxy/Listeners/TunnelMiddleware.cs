using Microsoft.AspNetCore.Http.Features;
using PrivacyProxy.Listeners.Http1;
using PrivacyProxy.Listeners.KestrelHttp3;
using PrivacyProxy.Listeners.KestrelHttp3.Requests;
using PrivacyProxy.Listeners.Streams;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Recording;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;
using PrivacyProxy.Tunnels.Udp;

namespace PrivacyProxy.Listeners;

/// <summary>Takes tunnel requests out of the application pipeline; what nothing behind it answers gets a refusal that names the proxy.</summary>
internal sealed class TunnelMiddleware(RequestDelegate next, TunnelHandler handler, TunnelResources resources, IProxyIdentity identity, TimeProvider time, IPlainRequests? plain = null)
{
    public Task InvokeAsync(HttpContext context)
    {
        var protocol = context.Request.Protocol;
        // Of this request alone, whatever becomes of it.
        var connection = ConnectionNames.Take();
        if (connection.Length > 0 && HttpProtocol.IsHttp11(protocol)) context.Request.Headers.Connection = connection;
        if (!HttpProtocol.IsHttp11(protocol) && (ConnectionFields.AreIn(context.Request.Headers) || !FieldText.AreNames(context.Request.Headers)) && StreamProtocol(protocol) is { } stream)
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(StreamErrors.Malformed(stream));
            return Task.CompletedTask;
        }

        if (!HttpMethods.IsConnect(context.Request.Method)) return context.Features.Get<HeldRequest>() is { } held ? held.ServeAsync(context.RequestAborted) : ServeOtherAsync(context);
        if (HttpProtocol.IsHttp2(protocol)) return handler.HandleAsync(new StreamExchange(context, TunnelProtocol.Http2, resources, time));
        if (HttpProtocol.IsHttp3(protocol)) return handler.HandleAsync(new StreamExchange(context, TunnelProtocol.Http3, resources, time));
        return handler.HandleAsync(new LateConnectExchange(context, time));
    }

    private static TunnelProtocol? StreamProtocol(string protocol) =>
        HttpProtocol.IsHttp2(protocol) ? TunnelProtocol.Http2 : HttpProtocol.IsHttp3(protocol) ? TunnelProtocol.Http3 : null;

    /// <summary>On HTTP/1.1 a templated tunnel comes as GET with Upgrade; later versions have extended CONNECT for it.</summary>
    private Task ServeOtherAsync(HttpContext context)
    {
        var match = resources.Match(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        if (match is null && plain?.Read(context) is { } request) return handler.HandleAsync(request);
        return match is null || HttpProtocol.IsHttp2(context.Request.Protocol) || HttpProtocol.IsHttp3(context.Request.Protocol) ? PassOnAsync(context) : handler.HandleAsync(new UpgradeExchange(context, match, time));
    }

    private async Task PassOnAsync(HttpContext context)
    {
        var receivedAt = time.GetTimestamp();
        context.Features.Get<DatagramFlow>()?.Refuse();
        Http3Alternative.Announce(context);
        await next(context);
        var response = context.Response;
        if (response.HasStarted || response.StatusCode != StatusCodes.Status404NotFound) return;
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.Contains("://", StringComparison.Ordinal))
        {
            // Absolute-form asks a proxy to forward: this one does only where it may, and only http.
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = HttpMethods.Connect;
        }

        var (name, value) = ProxyStatus.Field(identity.StatusName, ProxyStatusError.HttpRequestError);
        response.Headers.Append(name, value);
        response.Headers.Append(ServerTiming.HeaderName, ServerTiming.Value(time, receivedAt));
    }
}
