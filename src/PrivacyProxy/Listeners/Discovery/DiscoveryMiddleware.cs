using System.Globalization;
using PrivacyPass;
using PrivacyProxy.Configuration;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners.Discovery;

/// <summary>Serves /.well-known/pvd, to everybody: clients that have nothing but the proxy's name find out the rest.</summary>
internal sealed class DiscoveryMiddleware(RequestDelegate next, LiveOptions options, TunnelResources resources, IssuerKeySet keys, IServiceProvider services, TimeProvider time)
{
    private const string Path = "/.well-known/pvd";

    private readonly bool _canServeHttp3 = services.CanServeHttp3();

    public Task InvokeAsync(HttpContext context) => context.Request.Path == Path ? ServeAsync(context) : next(context);

    private Task ServeAsync(HttpContext context)
    {
        var current = options.CurrentValue;
        var response = context.Response;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        if (WhyNot(current, context.Request) is { } reason)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return SendAsync(context, "text/plain", System.Text.Encoding.ASCII.GetBytes(reason + "\n"));
        }

        var lifetime = current.Discovery.Lifetime;
        response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={(long)lifetime.TotalSeconds}");
        return SendAsync(context, ProvisioningDomain.MediaType, DomainOf(current).WriteJson(time.GetUtcNow() + lifetime));
    }

    private static string? WhyNot(ProxyOptions current, HttpRequest request) =>
        !current.Discovery.Enabled ? "Discovery is off (Discovery:Enabled)."
        : current.Name is null ? "This proxy does not know by which name clients reach it (Name)."
        : !request.IsHttps ? "Only over TLS, which proves the name."
        : null;

    private ProvisioningDomain DomainOf(ProxyOptions current)
    {
        var hasHttp3 = _canServeHttp3 && current.ListenUrls.Any(static url => url.Tls && url.Port != 0);
        return new ProvisioningDomain(
            new HostString(current.Name!),
            hasHttp3 ? ["h3", "h2", "http/1.1"] : ["h2", "http/1.1"],
            [.. resources.All.Where(resource => resource.Kind != TunnelKind.ConnectUdp || current.Tunnels.MaxUdpTunnels > 0).DistinctBy(static resource => resource.Kind)],
            [.. current.Issuers.Select(issuer => new TrustedIssuer(
                issuer.Name,
                // One in cleartext is for this proxy, not for the world.
                issuer.Directory?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) == true ? issuer.Directory : null,
                [.. issuer.TokenTypes.Where(type => keys.Current.Offers((TokenType)type))]))]);
    }

    private static Task SendAsync(HttpContext context, string type, byte[] body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
