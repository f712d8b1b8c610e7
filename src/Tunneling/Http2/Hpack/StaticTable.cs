using static Tunneling.Http2.Hpack.StaticField;

namespace Tunneling.Http2.Hpack;

/// <summary>The static table of RFC 7541, appendix A: entries 1 to 61.</summary>
internal static class StaticTable
{
    public const int Count = 61;

    /// <summary>The index of <c>:status</c> with the value 200.</summary>
    public const int Status200 = 8;

    private static readonly StaticField[] _entries = Build();

    /// <summary>An entry by its index, 1 to 61.</summary>
    public static ref readonly StaticField Get(int index) => ref _entries[index - 1];

    /// <summary>The first index whose name is this one, or 0.</summary>
    public static int FindName(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            if (name.SequenceEqual(_entries[i].Name)) return i + 1;
        }

        return 0;
    }

    private static StaticField[] Build()
    {
        StaticField[] entries =
        [
            Of(":authority"u8, ""u8),
            Of(":method"u8, "GET"u8),
            Of(":method"u8, "POST"u8),
            Of(":path"u8, "/"u8),
            Of(":path"u8, "/index.html"u8),
            Of(":scheme"u8, "http"u8),
            Of(":scheme"u8, "https"u8),
            Of(":status"u8, "200"u8),
            Of(":status"u8, "204"u8),
            Of(":status"u8, "206"u8),
            Of(":status"u8, "304"u8),
            Of(":status"u8, "400"u8),
            Of(":status"u8, "404"u8),
            Of(":status"u8, "500"u8),
            Of("accept-charset"u8, ""u8),
            Of("accept-encoding"u8, "gzip, deflate"u8),
            Of("accept-language"u8, ""u8),
            Of("accept-ranges"u8, ""u8),
            Of("accept"u8, ""u8),
            Of("access-control-allow-origin"u8, ""u8),
            Of("age"u8, ""u8),
            Of("allow"u8, ""u8),
            Of("authorization"u8, ""u8),
            Of("cache-control"u8, ""u8),
            Of("content-disposition"u8, ""u8),
            Of("content-encoding"u8, ""u8),
            Of("content-language"u8, ""u8),
            Of("content-length"u8, ""u8),
            Of("content-location"u8, ""u8),
            Of("content-range"u8, ""u8),
            Of("content-type"u8, ""u8),
            Of("cookie"u8, ""u8),
            Of("date"u8, ""u8),
            Of("etag"u8, ""u8),
            Of("expect"u8, ""u8),
            Of("expires"u8, ""u8),
            Of("from"u8, ""u8),
            Of("host"u8, ""u8),
            Of("if-match"u8, ""u8),
            Of("if-modified-since"u8, ""u8),
            Of("if-none-match"u8, ""u8),
            Of("if-range"u8, ""u8),
            Of("if-unmodified-since"u8, ""u8),
            Of("last-modified"u8, ""u8),
            Of("link"u8, ""u8),
            Of("location"u8, ""u8),
            Of("max-forwards"u8, ""u8),
            Of("proxy-authenticate"u8, ""u8),
            Of("proxy-authorization"u8, ""u8),
            Of("range"u8, ""u8),
            Of("referer"u8, ""u8),
            Of("refresh"u8, ""u8),
            Of("retry-after"u8, ""u8),
            Of("server"u8, ""u8),
            Of("set-cookie"u8, ""u8),
            Of("strict-transport-security"u8, ""u8),
            Of("transfer-encoding"u8, ""u8),
            Of("user-agent"u8, ""u8),
            Of("vary"u8, ""u8),
            Of("via"u8, ""u8),
            Of("www-authenticate"u8, ""u8),
        ];
        return entries.Length == Count ? entries : throw new InvalidOperationException("The static table has 61 entries.");
    }
}
