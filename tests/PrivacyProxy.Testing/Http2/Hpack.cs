using System.Globalization;
using System.Text;

namespace PrivacyProxy.Testing.Http2;

/// <summary>As much of RFC 7541 as a test client with a table of size 0 needs: literals out; static entries and plain literals in.</summary>
internal static class Hpack
{
    // RFC 7541, appendix A; only the :status entries (8 to 14) have values that a response uses.
    private static readonly string[] _names =
    [
        "", ":authority", ":method", ":method", ":path", ":path", ":scheme", ":scheme", ":status", ":status", ":status", ":status",
        ":status", ":status", ":status", "accept-charset", "accept-encoding", "accept-language", "accept-ranges", "accept",
        "access-control-allow-origin", "age", "allow", "authorization", "cache-control", "content-disposition", "content-encoding",
        "content-language", "content-length", "content-location", "content-range", "content-type", "cookie", "date", "etag", "expect",
        "expires", "from", "host", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "last-modified",
        "link", "location", "max-forwards", "proxy-authenticate", "proxy-authorization", "range", "referer", "refresh", "retry-after",
        "server", "set-cookie", "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via", "www-authenticate",
    ];

    private static readonly string[] _statuses = ["200", "204", "206", "304", "400", "404", "500"];

    public static byte[] Write(IEnumerable<KeyValuePair<string, string>> fields)
    {
        using var block = new MemoryStream();
        foreach (var (name, value) in fields)
        {
            block.WriteByte(0);
            WriteString(block, name);
            WriteString(block, value);
        }

        return block.ToArray();
    }

    /// <summary>The status, 0 where there is none, and the other fields.</summary>
    public static (int Status, List<KeyValuePair<string, string>> Fields) Read(ReadOnlySpan<byte> block)
    {
        var status = 0;
        var fields = new List<KeyValuePair<string, string>>();
        while (!block.IsEmpty)
        {
            var first = block[0];
            string name, value;
            if ((first & 0x80) != 0)
            {
                var index = ReadInteger(ref block, 7);
                (name, value) = (_names[index], index is >= 8 and < 15 ? _statuses[index - 8] : "");
            }
            else if ((first & 0xE0) == 0x20)
            {
                ReadInteger(ref block, 5);
                continue;
            }
            else
            {
                var index = ReadInteger(ref block, (first & 0x40) != 0 ? 6 : 4);
                name = index == 0 ? ReadString(ref block) : _names[index];
                value = ReadString(ref block);
            }

            if (name == ":status") status = int.Parse(value, CultureInfo.InvariantCulture);
            else fields.Add(KeyValuePair.Create(name, value));
        }

        return (status, fields);
    }

    private static void WriteString(MemoryStream block, string text)
    {
        WriteInteger(block, text.Length);
        block.Write(Encoding.Latin1.GetBytes(text));
    }

    private static void WriteInteger(MemoryStream block, int value)
    {
        if (value < 127)
        {
            block.WriteByte((byte)value);
            return;
        }

        block.WriteByte(127);
        for (value -= 127; value >= 128; value >>= 7) block.WriteByte((byte)(value | 0x80));
        block.WriteByte((byte)value);
    }

    private static int ReadInteger(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        var mask = (1 << prefixBits) - 1;
        var value = block[0] & mask;
        block = block[1..];
        if (value < mask) return value;
        for (var shift = 0; ; shift += 7)
        {
            var next = block[0];
            block = block[1..];
            value += (next & 0x7F) << shift;
            if ((next & 0x80) == 0) return value;
        }
    }

    private static string ReadString(ref ReadOnlySpan<byte> block)
    {
        if ((block[0] & 0x80) != 0) throw new NotSupportedException("Huffman coding: Kestrel does not use it.");
        var length = ReadInteger(ref block, 7);
        var text = Encoding.Latin1.GetString(block[..length]);
        block = block[length..];
        return text;
    }
}
