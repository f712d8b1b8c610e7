using System.Text;

namespace PrivacyRelay.HttpConnect;

/// <summary>Rewrites a request in absolute-form for its origin (RFC 9112, section 3.2.2; RFC 9110, section 7.6.1).</summary>
internal static class OriginRequest
{
    // Transfer-Encoding stays: the body is passed on in its own framing.
    private static readonly HashSet<string> _hopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Proxy-Connection", "Keep-Alive", "TE", "Upgrade", "HTTP2-Settings",
        "Proxy-Authorization", "Proxy-Authenticate", "Proxy-Authentication-Info", "Host",
    };

    /// <summary>What a Connection field must not take away: it frames the body.</summary>
    private static readonly HashSet<string> _framing = new(StringComparer.OrdinalIgnoreCase) { "Transfer-Encoding", "Content-Length" };

    /// <summary>The head for the origin: origin-form, Host of the target, nothing hop-by-hop, one request for the connection.</summary>
    public static byte[] Write(LocalRequest request)
    {
        var nominated = request.Head.Members("Connection").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var head = new StringBuilder($"{request.Method} {request.OriginForm} HTTP/1.{(request.IsHttp10 ? 0 : 1)}\r\nHost: {request.Host}\r\n");
        foreach (var (name, value) in request.Head.Fields)
        {
            if (_hopByHop.Contains(name) || (nominated.Contains(name) && !_framing.Contains(name))) continue;
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(head.Append("Connection: close\r\n\r\n").ToString());
    }
}
