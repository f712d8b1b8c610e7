using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Tunneling.Http2.Hpack;

namespace PrivacyRelay.Upstream.Http3;

/// <summary>As much of QPACK (RFC 9204) as a client without dynamic table needs: writes literals; reads literals, Huffman or not, and the status.</summary>
internal static class Qpack
{
    private const int FirstStatus = 24;
    private const int SecondStatus = 63;
    private const byte LiteralName = 0x20;

    /// <summary>The two places of <c>:status</c> in the static table (appendix A). Its other names mean nothing to a tunnel.</summary>
    private static readonly string[] _firstStatuses = ["103", "200", "304", "404", "503"];
    private static readonly string[] _secondStatuses = ["100", "204", "206", "302", "400", "403", "421", "425", "500"];

    /// <summary>A field section of literals; names in small letters.</summary>
    public static byte[] Write(IEnumerable<KeyValuePair<string, string>> fields)
    {
        // Required Insert Count and Base: no dynamic table.
        var section = new List<byte> { 0, 0 };
        foreach (var (name, value) in fields)
        {
            WriteText(section, LiteralName, 3, name);
            WriteText(section, 0, 7, value);
        }

        return [.. section];
    }

    /// <summary>Reads a response's field section; false when it is malformed, needs a dynamic table or has no status.</summary>
    public static bool TryReadResponse(ReadOnlySpan<byte> section, out int status, [NotNullWhen(true)] out ILookup<string, string>? fields)
    {
        var read = new List<KeyValuePair<string, string>>();
        (status, fields) = (0, null);
        if (!TryReadNumber(ref section, 8, out var inserts) || inserts != 0 || !TryReadNumber(ref section, 7, out _)) return false;
        while (!section.IsEmpty)
        {
            if (!TryReadField(ref section, out var field)) return false;
            if (field.Key == ":status" && !int.TryParse(field.Value, NumberStyles.None, CultureInfo.InvariantCulture, out status)) return false;
            if (field.Key.Length > 0) read.Add(field);
        }

        fields = read.ToLookup(static field => field.Key, static field => field.Value, StringComparer.Ordinal);
        return status is >= 100 and <= 999;
    }

    private static bool TryReadField(ref ReadOnlySpan<byte> section, out KeyValuePair<string, string> field)
    {
        field = default;
        var first = section[0];
        if ((first & 0xC0) == 0xC0)
        {
            if (!TryReadNumber(ref section, 6, out var index)) return false;
            field = StaticField(index);
            return true;
        }

        string? name;
        if ((first & 0xD0) == 0x50)
        {
            if (!TryReadNumber(ref section, 4, out var index)) return false;
            name = StaticField(index).Key;
        }
        else if ((first & 0xE0) != LiteralName || !TryReadText(ref section, 3, out name))
        {
            // References to a dynamic table there is none of.
            return false;
        }

        if (!TryReadText(ref section, 7, out var value)) return false;
        field = new(name, value);
        return true;
    }

    /// <summary>Name and value at an index; empty where it is not the status.</summary>
    private static KeyValuePair<string, string> StaticField(int index)
    {
        if (index - FirstStatus is var first && first >= 0 && first < _firstStatuses.Length) return new(":status", _firstStatuses[first]);
        if (index - SecondStatus is var second && second >= 0 && second < _secondStatuses.Length) return new(":status", _secondStatuses[second]);
        return new("", "");
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> section, int prefix, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (section.IsEmpty) return false;
        var isHuffman = (section[0] & (1 << prefix)) != 0;
        if (!TryReadNumber(ref section, prefix, out var length) || length > section.Length) return false;
        var bytes = section[..length];
        section = section[length..];
        if (isHuffman)
        {
            // The code is HPACK's (RFC 9204, section 4.1.2).
            var decoded = new byte[Huffman.MaxDecodedLength(bytes.Length)];
            if (!Huffman.TryDecode(bytes, decoded, out var count)) return false;
            bytes = decoded.AsSpan(0, count);
        }

        text = Encoding.Latin1.GetString(bytes);
        return true;
    }

    private static void WriteText(List<byte> section, byte flags, int prefix, string text)
    {
        WriteNumber(section, flags, prefix, text.Length);
        section.AddRange(Encoding.Latin1.GetBytes(text));
    }

    private static void WriteNumber(List<byte> section, byte flags, int prefix, int value)
    {
        var most = (1 << prefix) - 1;
        section.Add((byte)(flags | Math.Min(value, most)));
        if (value < most) return;
        for (value -= most; value >= 128; value >>= 7) section.Add((byte)(value | 128));
        section.Add((byte)value);
    }

    /// <summary>A prefixed integer (RFC 7541, section 5.1) of at most 28 bits and the prefix.</summary>
    private static bool TryReadNumber(ref ReadOnlySpan<byte> section, int prefix, out int value)
    {
        value = 0;
        if (section.IsEmpty) return false;
        var most = (1 << prefix) - 1;
        value = section[0] & most;
        section = section[1..];
        if (value < most) return true;
        for (var shift = 0; shift <= 21; shift += 7)
        {
            if (section.IsEmpty) return false;
            var octet = section[0];
            section = section[1..];
            value += (octet & 127) << shift;
            if ((octet & 128) == 0) return true;
        }

        return false;
    }
}
