using System.Net;
using Microsoft.Net.Http.Headers;
using PrivacyProxy.Requests;
using Yarp.ReverseProxy.Forwarder;

namespace PrivacyProxy.Forwarding;

/// <summary>A request as the origin gets it and its answer as the client does: as they came, less what was for this proxy. Nothing tells of it.</summary>
internal sealed class ForwardTransformer(ForwardExchange exchange, OriginRequest origin, Uri uri) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var fields = httpContext.Request.Headers;
        ForwardedFields.TakeFromRequest(fields);
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        // YARP leaves it out, though it is for the origin.
        if (fields.TryGetValue(HeaderNames.UpgradeInsecureRequests, out var secure)) proxyRequest.Headers.TryAddWithoutValidation(HeaderNames.UpgradeInsecureRequests, (IEnumerable<string?>)secure);
        // YARP makes every upgrade a GET.
        proxyRequest.Method = HttpMethod.Parse(httpContext.Request.Method);
        if (proxyRequest.Content is not null && RequestTrailers.MayFollow(httpContext.Request)) origin.Trailers = () => RequestTrailers.Write(httpContext.Request);
        else proxyRequest.Headers.Remove(HeaderNames.Trailer);
        if (exchange.Upgrade is { } upgrade && !IsYarps(httpContext.Request)) Ask(proxyRequest, upgrade);
        proxyRequest.RequestUri = uri;
        // Of the target (RFC 9112, section 3.2.2).
        proxyRequest.Headers.Host = null;
        proxyRequest.Options.Set(OriginRequest.Key, origin);
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null) return false;
        origin.Close();
        // It is for proxies to ask for credentials of proxies: an origin gets none.
        if (proxyResponse.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
        {
            exchange.RefuseAnswer(ProxyStatusError.HttpProtocolError, "the origin asks for credentials of proxies");
            return false;
        }

        if (proxyResponse.StatusCode == HttpStatusCode.SwitchingProtocols && !WasAsked(proxyResponse))
        {
            exchange.RefuseAnswer(ProxyStatusError.HttpUpgradeFailed, "the origin switches to what nobody asked for");
            return false;
        }

        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var connection = proxyResponse.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var values) ? values.ToArray() : [];
        ForwardedFields.TakeFromAnswer(httpContext.Response.Headers, connection);
        exchange.Begin((int)proxyResponse.StatusCode);
        return true;
    }

    /// <summary>What YARP passes on by itself.</summary>
    private static bool IsYarps(HttpRequest request)
    {
        var upgrade = request.Headers.Upgrade.ToString();
        return string.Equals(upgrade, "websocket", StringComparison.OrdinalIgnoreCase) || upgrade.StartsWith("SPDY/", StringComparison.OrdinalIgnoreCase);
    }

    private static void Ask(HttpRequestMessage request, string upgrade)
    {
        request.Headers.TryAddWithoutValidation(HeaderNames.Connection, HeaderNames.Upgrade);
        request.Headers.TryAddWithoutValidation(HeaderNames.Upgrade, upgrade);
    }

    /// <summary>An origin chooses among what was asked for (RFC 9110, section 7.8).</summary>
    private bool WasAsked(HttpResponseMessage answer)
    {
        if (exchange.Upgrade is not { } asked || !answer.Headers.NonValidated.TryGetValues(HeaderNames.Upgrade, out var values)) return false;
        var names = asked.Split(',', StringSplitOptions.TrimEntries);
        return values.SelectMany(static value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).All(name => names.Contains(name, StringComparer.OrdinalIgnoreCase));
    }
}
