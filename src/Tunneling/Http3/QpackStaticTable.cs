using System.Text;
using Tunneling.Http2.Hpack;
using static Tunneling.Http2.Hpack.StaticField;

namespace Tunneling.Http3;

/// <summary>The static table of RFC 9204, appendix A: entries 0 to 98.</summary>
internal static class QpackStaticTable
{
    public const int Count = 99;

    private static readonly StaticField[] _entries = Build();

    /// <summary>An entry by its index, 0 to 98.</summary>
    public static ref readonly StaticField Get(int index) => ref _entries[index];

    /// <summary>The first index whose name and value are these, or else the first of that name; -1 where there is none.</summary>
    public static int Find(string name, string value, out bool isWhole)
    {
        isWhole = false;
        var first = -1;
        for (var i = 0; i < _entries.Length; i++)
        {
            if (!Ascii.Equals(_entries[i].Name, name)) continue;
            isWhole = Ascii.Equals(_entries[i].Value, value);
            if (isWhole) return i;
            if (first < 0) first = i;
        }

        return first;
    }

    private static StaticField[] Build()
    {
        return
        [
            Of(":authority"u8, ""u8),
            Of(":path"u8, "/"u8),
            Of("age"u8, "0"u8),
            Of("content-disposition"u8, ""u8),
            Of("content-length"u8, "0"u8),
            Of("cookie"u8, ""u8),
            Of("date"u8, ""u8),
            Of("etag"u8, ""u8),
            Of("if-modified-since"u8, ""u8),
            Of("if-none-match"u8, ""u8),
            Of("last-modified"u8, ""u8),
            Of("link"u8, ""u8),
            Of("location"u8, ""u8),
            Of("referer"u8, ""u8),
            Of("set-cookie"u8, ""u8),
            Of(":method"u8, "CONNECT"u8),
            Of(":method"u8, "DELETE"u8),
            Of(":method"u8, "GET"u8),
            Of(":method"u8, "HEAD"u8),
            Of(":method"u8, "OPTIONS"u8),
            Of(":method"u8, "POST"u8),
            Of(":method"u8, "PUT"u8),
            Of(":scheme"u8, "http"u8),
            Of(":scheme"u8, "https"u8),
            Of(":status"u8, "103"u8),
            Of(":status"u8, "200"u8),
            Of(":status"u8, "304"u8),
            Of(":status"u8, "404"u8),
            Of(":status"u8, "503"u8),
            Of("accept"u8, "*/*"u8),
            Of("accept"u8, "application/dns-message"u8),
            Of("accept-encoding"u8, "gzip, deflate, br"u8),
            Of("accept-ranges"u8, "bytes"u8),
            Of("access-control-allow-headers"u8, "cache-control"u8),
            Of("access-control-allow-headers"u8, "content-type"u8),
            Of("access-control-allow-origin"u8, "*"u8),
            Of("cache-control"u8, "max-age=0"u8),
            Of("cache-control"u8, "max-age=2592000"u8),
            Of("cache-control"u8, "max-age=604800"u8),
            Of("cache-control"u8, "no-cache"u8),
            Of("cache-control"u8, "no-store"u8),
            Of("cache-control"u8, "public, max-age=31536000"u8),
            Of("content-encoding"u8, "br"u8),
            Of("content-encoding"u8, "gzip"u8),
            Of("content-type"u8, "application/dns-message"u8),
            Of("content-type"u8, "application/javascript"u8),
            Of("content-type"u8, "application/json"u8),
            Of("content-type"u8, "application/x-www-form-urlencoded"u8),
            Of("content-type"u8, "image/gif"u8),
            Of("content-type"u8, "image/jpeg"u8),
            Of("content-type"u8, "image/png"u8),
            Of("content-type"u8, "text/css"u8),
            Of("content-type"u8, "text/html; charset=utf-8"u8),
            Of("content-type"u8, "text/plain"u8),
            Of("content-type"u8, "text/plain;charset=utf-8"u8),
            Of("range"u8, "bytes=0-"u8),
            Of("strict-transport-security"u8, "max-age=31536000"u8),
            Of("strict-transport-security"u8, "max-age=31536000; includesubdomains"u8),
            Of("strict-transport-security"u8, "max-age=31536000; includesubdomains; preload"u8),
            Of("vary"u8, "accept-encoding"u8),
            Of("vary"u8, "origin"u8),
            Of("x-content-type-options"u8, "nosniff"u8),
            Of("x-xss-protection"u8, "1; mode=block"u8),
            Of(":status"u8, "100"u8),
            Of(":status"u8, "204"u8),
            Of(":status"u8, "206"u8),
            Of(":status"u8, "302"u8),
            Of(":status"u8, "400"u8),
            Of(":status"u8, "403"u8),
            Of(":status"u8, "421"u8),
            Of(":status"u8, "425"u8),
            Of(":status"u8, "500"u8),
            Of("accept-language"u8, ""u8),
            Of("access-control-allow-credentials"u8, "FALSE"u8),
            Of("access-control-allow-credentials"u8, "TRUE"u8),
            Of("access-control-allow-headers"u8, "*"u8),
            Of("access-control-allow-methods"u8, "get"u8),
            Of("access-control-allow-methods"u8, "get, post, options"u8),
            Of("access-control-allow-methods"u8, "options"u8),
            Of("access-control-expose-headers"u8, "content-length"u8),
            Of("access-control-request-headers"u8, "content-type"u8),
            Of("access-control-request-method"u8, "get"u8),
            Of("access-control-request-method"u8, "post"u8),
            Of("alt-svc"u8, "clear"u8),
            Of("authorization"u8, ""u8),
            Of("content-security-policy"u8, "script-src 'none'; object-src 'none'; base-uri 'none'"u8),
            Of("early-data"u8, "1"u8),
            Of("expect-ct"u8, ""u8),
            Of("forwarded"u8, ""u8),
            Of("if-range"u8, ""u8),
            Of("origin"u8, ""u8),
            Of("purpose"u8, "prefetch"u8),
            Of("server"u8, ""u8),
            Of("timing-allow-origin"u8, "*"u8),
            Of("upgrade-insecure-requests"u8, "1"u8),
            Of("user-agent"u8, ""u8),
            Of("x-forwarded-for"u8, ""u8),
            Of("x-frame-options"u8, "deny"u8),
            Of("x-frame-options"u8, "sameorigin"u8),
        ];
    }
}
