using System.Text;

namespace Tunneling.Http2.Hpack;

/// <summary>String literals: those of HPACK (RFC 7541, section 5.2), and of QPACK, whose names have a shorter prefix (RFC 9204, section 4.1.2).</summary>
internal static class HpackString
{
    /// <summary>The prefix of a string that has its first byte to itself.</summary>
    public const int PrefixBits = 7;

    /// <summary>The bytes of a status: its length and three digits.</summary>
    public const int StatusLength = 4;

    /// <summary>Reads a string into the list's room, behind what stands there already, and moves <paramref name="position"/> behind it.</summary>
    /// <param name="block">What is decoded.</param>
    /// <param name="position">Where the string begins.</param>
    /// <param name="prefixBits">The bits of its length in the first byte; the one before them says whether it is Huffman-coded.</param>
    /// <param name="fields">The list.</param>
    /// <param name="offset">How much of the room is taken.</param>
    /// <param name="written">The length of the text.</param>
    public static HpackError Read(ReadOnlySpan<byte> block, ref int position, int prefixBits, FieldList fields, int offset, out int written)
    {
        written = 0;
        if (position >= block.Length) return HpackError.Truncated;
        var isHuffman = (block[position] & (1 << prefixBits)) != 0;
        var error = HpackInteger.Read(block, ref position, prefixBits, out var length);
        if (error != HpackError.None) return error;
        if (length > block.Length - position) return HpackError.Truncated;
        var coded = block.Slice(position, length);
        position += length;
        if (!isHuffman)
        {
            coded.CopyTo(fields.Room(offset + length)[offset..]);
            written = length;
            return HpackError.None;
        }

        var room = fields.Room(offset + Huffman.MaxDecodedLength(length));
        return Huffman.TryDecode(coded, room[offset..], out written) ? HpackError.None : HpackError.InvalidHuffman;
    }

    /// <summary>Writes a value as it is; returns its length. Characters beyond Latin-1 become question marks.</summary>
    public static int WriteValue(Span<byte> destination, string value)
    {
        var written = HpackInteger.Write(destination, 0x00, PrefixBits, value.Length);
        return written + Encoding.Latin1.GetBytes(value, destination[written..]);
    }

    /// <summary>Writes the value of <c>:status</c>; returns its length, <see cref="StatusLength"/>.</summary>
    public static int WriteStatus(Span<byte> destination, int status)
    {
        destination[0] = 3;
        destination[1] = (byte)('0' + (status / 100));
        destination[2] = (byte)('0' + (status / 10 % 10));
        destination[3] = (byte)('0' + (status % 10));
        return StatusLength;
    }
}
