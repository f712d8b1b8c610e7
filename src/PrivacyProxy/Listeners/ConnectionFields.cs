using Microsoft.Net.Http.Headers;

namespace PrivacyProxy.Listeners;

/// <summary>
/// Fields that speak of a connection of HTTP/1.1. In a request of HTTP/2 or HTTP/3 they make it malformed (RFC 9113, section 8.2.2;
/// RFC 9114, section 4.2): whoever translated it left them in, and may have read them otherwise than we would.
/// </summary>
internal static class ConnectionFields
{
    private static readonly string[] _names = [HeaderNames.Connection, HeaderNames.ProxyConnection, HeaderNames.KeepAlive, HeaderNames.TransferEncoding, HeaderNames.Upgrade];

    public static bool AreIn(IHeaderDictionary fields)
    {
        foreach (var name in _names)
            if (fields.ContainsKey(name)) return true;
        // The one that is allowed, and only so.
        return fields.TryGetValue(HeaderNames.TE, out var te) && !(te.Count == 1 && string.Equals(te[0], "trailers", StringComparison.OrdinalIgnoreCase));
    }
}
