using System.Text;
using Tunneling.Http2.Hpack;

namespace Tunneling.Tests.Http2.Hpack;

/// <summary>Header blocks as a client may write them: every representation, with or without Huffman.</summary>
internal sealed class BlockWriter
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public BlockWriter Indexed(int index) => Integer(0x80, 7, index);

    public BlockWriter Size(int size) => Integer(0x20, 5, size);

    /// <summary>A literal; <paramref name="pattern"/> is 0x40 (added to the table), 0x00 or 0x10 (never indexed).</summary>
    public BlockWriter Literal(string name, string value, byte pattern = 0x00, bool huffman = false) =>
        Integer(pattern, pattern == 0x40 ? 6 : 4, 0).Text(name, huffman).Text(value, huffman);

    public BlockWriter Literal(int nameIndex, string value, byte pattern = 0x00, bool huffman = false) =>
        Integer(pattern, pattern == 0x40 ? 6 : 4, nameIndex).Text(value, huffman);

    public BlockWriter Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public BlockWriter Text(string text, bool huffman)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (huffman) bytes = HuffmanEncoder.Encode(bytes);
        Integer((byte)(huffman ? 0x80 : 0), 7, bytes.Length);
        _bytes.AddRange(bytes);
        return this;
    }

    private BlockWriter Integer(byte pattern, int prefix, int value)
    {
        var buffer = new byte[HpackInteger.MaxLength];
        _bytes.AddRange(buffer[..HpackInteger.Write(buffer, pattern, prefix, value)]);
        return this;
    }
}
