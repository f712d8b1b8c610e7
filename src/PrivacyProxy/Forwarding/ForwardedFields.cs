using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace PrivacyProxy.Forwarding;

/// <summary>Which fields are meant for this proxy or for one connection, and go no further (RFC 9110, section 7.6.1). YARP knows a part of them.</summary>
internal static class ForwardedFields
{
    private const string Geohash = "sec-ch-geohash";
    private const string ProxyPrefix = "Proxy-";

    // Taking these away would change what a message means.
    private static readonly HashSet<string> _kept = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.Upgrade, HeaderNames.Host, HeaderNames.ContentLength, HeaderNames.TransferEncoding, HeaderNames.TE, "close",
    };

    /// <summary>Whether a request has credentials that authenticate its connection, and with it whatever comes next on that.</summary>
    public static bool AuthenticateConnection(IHeaderDictionary fields) =>
        fields.Authorization.Any(static value => value is not null && (value.StartsWith("NTLM", StringComparison.OrdinalIgnoreCase) || value.StartsWith("Negotiate", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Of a request, before it is copied.</summary>
    public static void TakeFromRequest(IHeaderDictionary fields)
    {
        TakeNominated(fields, fields.Connection);
        fields.Remove(Geohash);
        // Trailers of requests are not passed on.
        fields.Remove(HeaderNames.Trailer);
        TakeProxys(fields);
    }

    /// <summary>Of an answer, after it was copied.</summary>
    /// <param name="fields">The copy.</param>
    /// <param name="connection">What the origin said of its connection.</param>
    public static void TakeFromAnswer(IHeaderDictionary fields, StringValues connection)
    {
        TakeNominated(fields, connection);
        TakeProxys(fields);
    }

    private static void TakeNominated(IHeaderDictionary fields, StringValues connection)
    {
        foreach (var value in connection)
            foreach (var name in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                if (!_kept.Contains(name)) fields.Remove(name);
    }

    private static void TakeProxys(IHeaderDictionary fields)
    {
        foreach (var name in fields.Keys.Where(static name => name.StartsWith(ProxyPrefix, StringComparison.OrdinalIgnoreCase)).ToArray()) fields.Remove(name);
    }
}
