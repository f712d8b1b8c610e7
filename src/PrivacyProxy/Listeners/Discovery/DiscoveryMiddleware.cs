using System.Globalization;
using Microsoft.Extensions.Options;
using PrivacyPass;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.Listeners.KestrelHttp3;
using PrivacyProxy.Listeners.Templated;
using PrivacyProxy.Redemption.Keys;
using PrivacyProxy.Requests;
using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners.Discovery;

/// <summary>Serves /.well-known/pvd, to everybody: clients that have nothing but the proxy's name find out the rest.</summary>
internal sealed class DiscoveryMiddleware(
    RequestDelegate next,
    IOptionsMonitor<DiscoveryOptions> options,
    IOptionsMonitor<TunnelOptions> tunnels,
    IOptionsMonitor<IList<IssuerOptions>> issuers,
    IProxyIdentity identity,
    Http3Listening http3,
    TunnelResources resources,
    AcceptedKeySet keys,
    TimeProvider time)
{
    private const string Path = "/.well-known/pvd";

    public Task InvokeAsync(HttpContext context) => context.Request.Path == Path ? ServeAsync(context) : next(context);

    private Task ServeAsync(HttpContext context)
    {
        var response = context.Response;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return Task.CompletedTask;
        }

        if (WhyNot(context.Request) is { } reason)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return SendAsync(context, "text/plain", System.Text.Encoding.ASCII.GetBytes(reason + "\n"));
        }

        var lifetime = options.CurrentValue.Lifetime;
        response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={(long)lifetime.TotalSeconds}");
        return SendAsync(context, ProvisioningDomain.MediaType, Domain().WriteJson(time.GetUtcNow() + lifetime));
    }

    private string? WhyNot(HttpRequest request) =>
        !options.CurrentValue.Enabled ? "Discovery is off (Discovery:Enabled)."
        : identity.Name is null ? "This proxy does not know by which name clients reach it (Name)."
        : !request.IsHttps ? "Only over TLS, which proves the name."
        : null;

    private ProvisioningDomain Domain()
    {
        var hasUdp = tunnels.CurrentValue.MaxUdpTunnels > 0;
        return new ProvisioningDomain(
            new HostString(identity.Name!),
            http3.IsServed ? ["h3", "h2", "http/1.1"] : ["h2", "http/1.1"],
            [.. resources.All.Where(resource => resource.Kind != TunnelKind.ConnectUdp || hasUdp).DistinctBy(static resource => resource.Kind)],
            [.. issuers.CurrentValue.Select(issuer => new TrustedIssuer(
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
