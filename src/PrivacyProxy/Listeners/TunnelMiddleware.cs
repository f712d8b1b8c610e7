using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using PrivacyProxy.Telemetry;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners;

/// <summary>Takes CONNECT out of the application pipeline; what nothing behind it answers gets a refusal that names the proxy.</summary>
internal sealed class TunnelMiddleware(RequestDelegate next, TunnelHandler handler, IOptionsMonitor<TunnelOptions> options, TimeProvider time)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsConnect(context.Request.Method)) return PassOnAsync(context);
        var protocol = context.Request.Protocol;
        if (HttpProtocol.IsHttp2(protocol)) return handler.HandleAsync(new StreamExchange(context, TunnelProtocol.Http2, time));
        if (HttpProtocol.IsHttp3(protocol)) return handler.HandleAsync(new StreamExchange(context, TunnelProtocol.Http3, time));
        return handler.HandleAsync(new LateConnectExchange(context, time));
    }

    private async Task PassOnAsync(HttpContext context)
    {
        var receivedAt = time.GetTimestamp();
        await next(context);
        var response = context.Response;
        if (response.HasStarted || response.StatusCode != StatusCodes.Status404NotFound) return;
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (target.Contains("://", StringComparison.Ordinal))
        {
            // Absolute-form asks a proxy to forward: this one opens tunnels only.
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = HttpMethods.Connect;
        }

        var (name, value) = ProxyStatus.Field(options.CurrentValue.ProxyName, ProxyStatusError.HttpRequestError);
        response.Headers.Append(name, value);
        response.Headers.Append(ServerTiming.HeaderName, ServerTiming.Value(time, receivedAt));
    }
}
