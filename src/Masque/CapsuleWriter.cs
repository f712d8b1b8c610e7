namespace Masque;

/// <summary>Writes the headers of capsules (RFC 9297, section 3.2).</summary>
public static class CapsuleWriter
{
    /// <summary>The longest header: two integers of 8 bytes.</summary>
    public const int MaxHeaderLength = 2 * VarInt.MaxLength;

    /// <summary>The length of the header that <see cref="WriteHeader(Span{byte}, ulong, ulong)"/> writes.</summary>
    public static int GetHeaderLength(ulong type, ulong length) => VarInt.GetLength(type) + VarInt.GetLength(length);

    /// <summary>Writes type and length of a value that follows; returns how many bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is too short, or a number over 2^62-1.</exception>
    public static int WriteHeader(Span<byte> destination, ulong type, ulong length)
    {
        var written = VarInt.Write(destination, type);
        return written + VarInt.Write(destination[written..], length);
    }

    /// <summary>The same with a length of 1, 2, 4 or 8 bytes, whether it needs them or not: for a place kept free before the length was known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination or <paramref name="lengthLength"/> is too short.</exception>
    public static int WriteHeader(Span<byte> destination, ulong type, ulong length, int lengthLength)
    {
        var written = VarInt.Write(destination, type);
        VarInt.Write(destination[written..], length, lengthLength);
        return written + lengthLength;
    }
}
