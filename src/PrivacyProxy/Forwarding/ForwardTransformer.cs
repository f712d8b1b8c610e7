using System.Net;
using Microsoft.Net.Http.Headers;
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
        if (fields.TryGetValue(HeaderNames.UpgradeInsecureRequests, out var upgrade)) proxyRequest.Headers.TryAddWithoutValidation(HeaderNames.UpgradeInsecureRequests, (IEnumerable<string?>)upgrade);
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
            exchange.RefuseAnswer();
            return false;
        }

        await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var connection = proxyResponse.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var values) ? values.ToArray() : [];
        ForwardedFields.TakeFromAnswer(httpContext.Response.Headers, connection);
        exchange.Begin((int)proxyResponse.StatusCode);
        return true;
    }
}
