using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using PrivacyProxy.Egress.Pools;

namespace PrivacyProxy.Forwarding;

/// <summary>Which fields are meant for this proxy or for one connection, and go no further (RFC 9110, section 7.6.1). YARP knows a part of them.</summary>
internal static class ForwardedFields
{
    private const string ProxyPrefix = "Proxy-";

    // Taking these away would change what a message means.
    private static readonly HashSet<string> _kept = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.Upgrade, HeaderNames.Host, HeaderNames.ContentLength, HeaderNames.TransferEncoding, HeaderNames.TE, "close",
    };

    /// <summary>Whether a request has credentials that authenticate its connection, and with it whatever comes next on that.</summary>
    public static bool AuthenticateConnection(IHeaderDictionary fields) =>
        fields.Authorization.Any(static value => value is not null && (value.StartsWith("NTLM", StringComparison.OrdinalIgnoreCase) || value.StartsWith("Negotiate", StringComparison.OrdinalIgnoreCase)));

    // Of the connection, or of this proxy's: YARP leaves them out of the answer itself.
    private static readonly HashSet<string> _notInInterims = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.TransferEncoding, HeaderNames.ContentLength, HeaderNames.Upgrade, HeaderNames.TE, HeaderNames.Trailer, HeaderNames.AltSvc, "Server-Timing",
    };

    // What frames, routes, authenticates or describes the content is known before it (RFC 9110, section 6.5.1).
    private static readonly HashSet<string> _notInTrailers = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.TransferEncoding, HeaderNames.Upgrade, HeaderNames.TE, HeaderNames.Trailer, HeaderNames.Host, HeaderNames.Expect, HeaderNames.MaxForwards,
        HeaderNames.Range, HeaderNames.Authorization, HeaderNames.Cookie, HeaderNames.CacheControl, HeaderNames.Pragma, HeaderNames.IfMatch, HeaderNames.IfNoneMatch, HeaderNames.IfModifiedSince, HeaderNames.IfUnmodifiedSince, HeaderNames.IfRange,
        GeohashHint.FieldName,
    };

    /// <summary>Of an interim answer.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> OfInterim(List<KeyValuePair<string, string>> fields)
    {
        var nominated = fields.Where(static field => string.Equals(field.Key, HeaderNames.Connection, StringComparison.OrdinalIgnoreCase)).SelectMany(static field => Names(field.Value)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. fields.Where(field => !_notInInterims.Contains(field.Key) && !nominated.Contains(field.Key) && !IsForProxies(field.Key))];
    }

    /// <summary>Whether a field may come behind the content of a request.</summary>
    public static bool MayTrail(string name) => !_notInTrailers.Contains(name) && !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) && !IsForProxies(name);

    /// <summary>Of a request, before it is copied.</summary>
    public static void TakeFromRequest(IHeaderDictionary fields)
    {
        TakeNominated(fields, fields.Connection);
        fields.Remove(GeohashHint.FieldName);
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
            foreach (var name in Names(value))
                if (!_kept.Contains(name)) fields.Remove(name);
    }

    private static string[] Names(string? list) => (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsForProxies(string name) => name.StartsWith(ProxyPrefix, StringComparison.OrdinalIgnoreCase);

    private static void TakeProxys(IHeaderDictionary fields)
    {
        foreach (var name in fields.Keys.Where(IsForProxies).ToArray()) fields.Remove(name);
    }
}
