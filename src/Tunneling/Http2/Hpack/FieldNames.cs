namespace Tunneling.Http2.Hpack;

/// <summary>From the bytes of a name to <see cref="FieldName"/>, and from its text to the bytes.</summary>
internal static class FieldNames
{
    /// <summary>The known name, or <see cref="FieldName.Other"/>. Case matters: names of HTTP/2 are lower-case.</summary>
    public static FieldName Find(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 => Is(name, "te"u8, FieldName.Te),
        4 => Is(name, "host"u8, FieldName.Host),
        5 => Is(name, ":path"u8, FieldName.PseudoPath),
        6 => name[0] == 'c' ? Is(name, "cookie"u8, FieldName.Cookie) : Is(name, "expect"u8, FieldName.Expect),
        7 => name[1] switch
        {
            (byte)'m' => Is(name, ":method"u8, FieldName.PseudoMethod),
            (byte)'p' => Is(name, "upgrade"u8, FieldName.Upgrade),
            _ => name[2] == 'c' ? Is(name, ":scheme"u8, FieldName.PseudoScheme) : Is(name, ":status"u8, FieldName.PseudoStatus),
        },
        8 => Is(name, "priority"u8, FieldName.Priority),
        9 => Is(name, ":protocol"u8, FieldName.PseudoProtocol),
        10 => name[0] switch
        {
            (byte)':' => Is(name, ":authority"u8, FieldName.PseudoAuthority),
            (byte)'c' => Is(name, "connection"u8, FieldName.Connection),
            (byte)'k' => Is(name, "keep-alive"u8, FieldName.KeepAlive),
            _ => Is(name, "user-agent"u8, FieldName.UserAgent),
        },
        11 => Is(name, "traceparent"u8, FieldName.TraceParent),
        12 => Is(name, "content-type"u8, FieldName.ContentType),
        13 => Is(name, "authorization"u8, FieldName.Authorization),
        14 => name[0] == 's' ? Is(name, "sec-ch-geohash"u8, FieldName.SecChGeohash) : Is(name, "content-length"u8, FieldName.ContentLength),
        16 => name[0] == 'c' ? Is(name, "capsule-protocol"u8, FieldName.CapsuleProtocol) : Is(name, "proxy-connection"u8, FieldName.ProxyConnection),
        17 => Is(name, "transfer-encoding"u8, FieldName.TransferEncoding),
        19 => Is(name, "proxy-authorization"u8, FieldName.ProxyAuthorization),
        _ => FieldName.Other,
    };

    /// <summary>Writes a name in lower case, as HTTP/2 and HTTP/3 have it; returns its length. Characters beyond ASCII become question marks.</summary>
    public static int WriteLower(string name, Span<byte> destination)
    {
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            destination[i] = c is >= 'A' and <= 'Z' ? (byte)(c | 0x20) : c < 0x7f ? (byte)c : (byte)'?';
        }

        return name.Length;
    }

    private static FieldName Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> known, FieldName id) =>
        name.SequenceEqual(known) ? id : FieldName.Other;
}
