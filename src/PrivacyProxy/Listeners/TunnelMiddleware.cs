using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners;

/// <summary>Takes CONNECT on HTTP/2 and HTTP/3 out of the application pipeline.</summary>
internal sealed class TunnelMiddleware(RequestDelegate next, TunnelHandler handler, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsConnect(context.Request.Method)) return next(context);
        var protocol = context.Request.Protocol;
        if (HttpProtocol.IsHttp2(protocol)) return handler.HandleAsync(new StreamExchange(context, TunnelProtocol.Http2, time));
        if (HttpProtocol.IsHttp3(protocol)) return handler.HandleAsync(new StreamExchange(context, TunnelProtocol.Http3, time));
        return handler.HandleAsync(new LateConnectExchange(context, time));
    }
}
