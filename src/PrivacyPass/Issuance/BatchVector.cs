namespace PrivacyPass.Issuance;

/// <summary>
/// A vector whose length in bytes comes first, as a variable-length integer of RFC 9000, section 16 in the fewest bytes
/// (draft-ietf-privacypass-batched-tokens, section 4.2).
/// </summary>
internal static class BatchVector
{
    /// <summary>The longest vector read: that of 2^30 - 1 bytes, whose length has four bytes.</summary>
    internal const int MaxLength = (1 << 30) - 1;

    /// <summary>Reads the vector at the front of bytes; false when its length is not written in the fewest bytes, or there is less than it says.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> vector, out ReadOnlySpan<byte> rest)
    {
        vector = rest = default;
        if (bytes.IsEmpty) return false;
        var size = 1 << (bytes[0] >> 6);
        if (size > sizeof(int) || bytes.Length < size) return false;
        var length = bytes[0] & 0x3F;
        foreach (var next in bytes[1..size]) length = (length << 8) | next;
        if (SizeOfLength(length) != size || bytes.Length - size < length) return false;
        vector = bytes.Slice(size, length);
        rest = bytes[(size + length)..];
        return true;
    }

    /// <summary>The same bytes with the length of their first part, which is the vector, before them.</summary>
    internal static byte[] Prefixed(ReadOnlySpan<byte> bytes, int vectorLength)
    {
        var size = SizeOfLength(vectorLength);
        var prefixed = new byte[size + bytes.Length];
        WriteLength(vectorLength, prefixed.AsSpan(0, size));
        bytes.CopyTo(prefixed.AsSpan(size));
        return prefixed;
    }

    private static int SizeOfLength(int length) => length switch
    {
        < 1 << 6 => 1,
        < 1 << 14 => 2,
        <= MaxLength => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(length), length, "A batch has fewer bytes."),
    };

    /// <summary>Writes a length into exactly as many bytes as it has.</summary>
    private static void WriteLength(int length, Span<byte> destination)
    {
        for (var i = destination.Length - 1; i >= 0; i--, length >>= 8) destination[i] = (byte)length;
        destination[0] |= destination.Length switch { 1 => 0x00, 2 => 0x40, _ => 0x80 };
    }
}
