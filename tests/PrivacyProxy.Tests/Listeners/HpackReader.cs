using System.Text;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>Enough of HPACK (RFC 7541) to read Kestrel's answers when the dynamic table is off: no Huffman is expected.</summary>
internal static class HpackReader
{
    private static readonly string[] _staticNames =
    [
        "", ":authority", ":method", ":method", ":path", ":path", ":scheme", ":scheme", ":status", ":status", ":status", ":status", ":status",
        ":status", ":status", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "accept", "access-control-allow-origin",
        "age", "allow", "authorization", "cache-control", "content-disposition", "content-encoding", "content-language", "content-length",
        "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect", "expires", "from", "host", "if-match",
        "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified", "link", "location", "max-forwards",
        "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after", "server", "set-cookie",
        "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via", "www-authenticate",
    ];

    private static readonly Dictionary<int, string> _staticStatus = new()
    {
        [8] = "200", [9] = "204", [10] = "206", [11] = "304", [12] = "400", [13] = "404", [14] = "500",
    };

    public static TestAnswer Read(ReadOnlySpan<byte> block)
    {
        var fields = new List<KeyValuePair<string, string>>();
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0x80) != 0)
            {
                var index = ReadInteger(ref block, 7);
                fields.Add(new(_staticNames[index], _staticStatus.GetValueOrDefault(index, "")));
            }
            else if ((first & 0xe0) == 0x20)
            {
                ReadInteger(ref block, 5);
            }
            else
            {
                var index = ReadInteger(ref block, (first & 0x40) != 0 ? 6 : 4);
                var name = index == 0 ? ReadText(ref block) : _staticNames[index];
                fields.Add(new(name, ReadText(ref block)));
            }
        }

        return new TestAnswer(int.Parse(fields.First(field => field.Key == ":status").Value), fields);
    }

    public static void WriteInteger(Stream output, int prefix, int value)
    {
        var max = (1 << prefix) - 1;
        if (value < max)
        {
            output.WriteByte((byte)value);
            return;
        }

        output.WriteByte((byte)max);
        for (value -= max; value >= 128; value >>= 7) output.WriteByte((byte)(value | 128));
        output.WriteByte((byte)value);
    }

    private static int ReadInteger(ref ReadOnlySpan<byte> block, int prefix)
    {
        var max = (1 << prefix) - 1;
        var value = block[0] & max;
        block = block[1..];
        if (value < max) return value;
        for (var shift = 0; ; shift += 7)
        {
            var next = block[0];
            block = block[1..];
            value += (next & 127) << shift;
            if (next < 128) return value;
        }
    }

    private static string ReadText(ref ReadOnlySpan<byte> block)
    {
        Assert.Equal(0, block[0] & 0x80);
        var length = ReadInteger(ref block, 7);
        var text = Encoding.Latin1.GetString(block[..length]);
        block = block[length..];
        return text;
    }
}
