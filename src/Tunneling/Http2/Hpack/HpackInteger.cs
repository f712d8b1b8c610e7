namespace Tunneling.Http2.Hpack;

/// <summary>Integers with a prefix of 3 to 8 bits (RFC 7541, section 5.1), at most 2^31-1.</summary>
internal static class HpackInteger
{
    /// <summary>The most bytes an integer of 31 bits takes with any prefix.</summary>
    public const int MaxLength = 6;

    /// <summary>Reads an integer and moves <paramref name="position"/> behind it.</summary>
    public static HpackError Read(ReadOnlySpan<byte> block, ref int position, int prefixBits, out int value)
    {
        value = 0;
        if (position >= block.Length) return HpackError.Truncated;
        var mask = (1 << prefixBits) - 1;
        value = block[position++] & mask;
        if (value < mask) return HpackError.None;
        long sum = mask;
        for (var shift = 0; shift <= 28; shift += 7)
        {
            if (position >= block.Length) return HpackError.Truncated;
            var next = block[position++];
            sum += (long)(next & 0x7f) << shift;
            if (sum > int.MaxValue) return HpackError.InvalidInteger;
            if (next < 0x80)
            {
                value = (int)sum;
                return HpackError.None;
            }
        }

        return HpackError.InvalidInteger;
    }

    /// <summary>Writes an integer after the bits of <paramref name="pattern"/>; returns its length.</summary>
    public static int Write(Span<byte> destination, byte pattern, int prefixBits, int value)
    {
        var mask = (1 << prefixBits) - 1;
        if (value < mask)
        {
            destination[0] = (byte)(pattern | value);
            return 1;
        }

        destination[0] = (byte)(pattern | mask);
        value -= mask;
        var length = 1;
        for (; value >= 0x80; value >>= 7) destination[length++] = (byte)(value | 0x80);
        destination[length++] = (byte)value;
        return length;
    }
}
