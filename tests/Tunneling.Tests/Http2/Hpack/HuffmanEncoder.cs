using Tunneling.Http2.Hpack;

namespace Tunneling.Tests.Http2.Hpack;

/// <summary>The other direction of the product's Huffman decoder, bit by bit.</summary>
internal static class HuffmanEncoder
{
    public static byte[] Encode(ReadOnlySpan<byte> text)
    {
        var bits = new List<bool>();
        foreach (var symbol in text)
        {
            var (code, length) = Huffman.CodeOf(symbol);
            for (var bit = length - 1; bit >= 0; bit--) bits.Add((code >> bit & 1) != 0);
        }

        while (bits.Count % 8 != 0) bits.Add(true);
        var bytes = new byte[bits.Count / 8];
        for (var i = 0; i < bits.Count; i++) bytes[i / 8] |= (byte)(bits[i] ? 0x80 >> (i % 8) : 0);
        return bytes;
    }
}
