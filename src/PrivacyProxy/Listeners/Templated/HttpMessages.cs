using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Templated;

/// <summary>Between Kestrel's requests and responses and the tunnel's own.</summary>
internal static class HttpMessages
{
    public static TunnelRequest Read(this HttpContext context, TunnelKind kind, TunnelTarget target) => new()
    {
        Kind = kind,
        Target = target,
        Credentials = new TunnelCredentials(context.Request.Headers.ProxyAuthorization, context.Request.Headers.Authorization),
        Geohash = context.Request.Headers["sec-ch-geohash"],
    };

    /// <summary>Sends what a refusal says, after <see cref="Write"/>.</summary>
    public static async ValueTask CompleteAsync(this HttpResponse response, TunnelAnswer refusal)
    {
        foreach (var (name, value) in refusal.TextFields) response.Headers.Append(name, value);
        if (refusal.Text.Length > 0 && !HttpMethods.IsHead(response.HttpContext.Request.Method)) await response.BodyWriter.WriteAsync(refusal.Text, response.HttpContext.RequestAborted);
        await response.CompleteAsync();
    }

    public static void Write(this HttpResponse response, TunnelAnswer answer, KeyValuePair<string, string> serverTiming)
    {
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers.Append(serverTiming)) response.Headers.Append(name, value);
    }
}
