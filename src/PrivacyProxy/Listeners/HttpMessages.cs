using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Listeners;

/// <summary>Between Kestrel's requests and responses and the tunnel's own.</summary>
internal static class HttpMessages
{
    public static TunnelRequest Read(this HttpContext context, TunnelProtocol protocol, TunnelKind kind, TunnelTarget target, long receivedAt) => new()
    {
        Protocol = protocol,
        Kind = kind,
        Target = target,
        Credentials = new TunnelCredentials(context.Request.Headers.ProxyAuthorization, context.Request.Headers.Authorization),
        Geohash = context.Request.Headers["sec-ch-geohash"],
        ReceivedAt = receivedAt,
    };

    public static void Write(this HttpResponse response, TunnelAnswer answer, KeyValuePair<string, string> serverTiming)
    {
        response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers.Append(serverTiming)) response.Headers.Append(name, value);
    }
}
