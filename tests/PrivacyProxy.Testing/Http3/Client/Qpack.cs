using System.Text;

namespace PrivacyProxy.Testing.Http3.Client;

/// <summary>Enough of QPACK (RFC 9204) for Kestrel's answers: the static table and literals, no dynamic table, no Huffman.</summary>
internal static class Qpack
{
    private const byte IndexedStatic = 0xc0, NameReferenceStatic = 0x50, LiteralName = 0x20;

    /// <summary>Every field a literal, its name too.</summary>
    public static byte[] Write(IEnumerable<KeyValuePair<string, string>> fields)
    {
        // Required Insert Count and Base of a block without dynamic table.
        var block = new List<byte> { 0, 0 };
        foreach (var (name, value) in fields)
        {
            WriteText(block, LiteralName, 3, name);
            WriteText(block, 0, 7, value);
        }

        return [.. block];
    }

    public static List<KeyValuePair<string, string>> Read(ReadOnlySpan<byte> block)
    {
        var fields = new List<KeyValuePair<string, string>>();
        ReadInteger(ref block, 8);
        ReadInteger(ref block, 7);
        while (!block.IsEmpty)
        {
            if ((block[0] & IndexedStatic) == IndexedStatic)
            {
                fields.Add(QpackStaticTable.Entries[ReadInteger(ref block, 6)]);
            }
            else if ((block[0] & 0xd0) == NameReferenceStatic)
            {
                var name = QpackStaticTable.Entries[ReadInteger(ref block, 4)].Key;
                fields.Add(new(name, ReadText(ref block, 7)));
            }
            else if ((block[0] & 0xe0) == LiteralName)
            {
                var name = ReadText(ref block, 3);
                fields.Add(new(name, ReadText(ref block, 7)));
            }
            else
            {
                throw new InvalidDataException($"A field line that begins with 0x{block[0]:x2}.");
            }
        }

        return fields;
    }

    private static void WriteText(List<byte> block, byte flags, int prefix, string text)
    {
        WriteInteger(block, flags, prefix, text.Length);
        block.AddRange(Encoding.Latin1.GetBytes(text));
    }

    private static string ReadText(ref ReadOnlySpan<byte> block, int prefix)
    {
        if ((block[0] & (1 << prefix)) != 0) throw new InvalidDataException("Huffman is not read here.");
        var length = ReadInteger(ref block, prefix);
        var text = Encoding.Latin1.GetString(block[..length]);
        block = block[length..];
        return text;
    }

    private static void WriteInteger(List<byte> block, byte flags, int prefix, int value)
    {
        var max = (1 << prefix) - 1;
        block.Add((byte)(flags | Math.Min(value, max)));
        if (value < max) return;
        for (value -= max; value >= 128; value >>= 7) block.Add((byte)(value | 128));
        block.Add((byte)value);
    }

    private static int ReadInteger(ref ReadOnlySpan<byte> block, int prefix)
    {
        var max = (1 << prefix) - 1;
        var value = block[0] & max;
        var used = 1;
        if (value == max)
        {
            for (var shift = 0; ; shift += 7)
            {
                value = checked(value + ((block[used] & 127) << shift));
                if ((block[used++] & 128) == 0) break;
            }
        }

        block = block[used..];
        return value;
    }
}
