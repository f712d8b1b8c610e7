using System.Buffers;
using System.Buffers.Binary;

namespace Masque;

/// <summary>Variable-length integers of QUIC (RFC 9000, section 16): 1, 2, 4 or 8 bytes, not necessarily the fewest.</summary>
public static class VarInt
{
    /// <summary>The largest value, 2^62-1.</summary>
    public const ulong MaxValue = (1UL << 62) - 1;

    /// <summary>The most bytes of a value.</summary>
    public const int MaxLength = 8;

    /// <summary>The fewest bytes that hold a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Over 2^62-1.</exception>
    public static int GetLength(ulong value) => value switch
    {
        < 1UL << 6 => 1,
        < 1UL << 14 => 2,
        < 1UL << 30 => 4,
        <= MaxValue => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "More than 2^62-1."),
    };

    /// <summary>Writes a value in the fewest bytes; returns how many.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Over 2^62-1, or the destination is too short.</exception>
    public static int Write(Span<byte> destination, ulong value)
    {
        var length = GetLength(value);
        Write(destination, value, length);
        return length;
    }

    /// <summary>Writes a value in exactly <paramref name="length"/> bytes: 1, 2, 4 or 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value needs more, or the destination is too short.</exception>
    public static void Write(Span<byte> destination, ulong value, int length)
    {
        if (length < GetLength(value)) throw new ArgumentOutOfRangeException(nameof(length), length, "Too short for the value.");
        if (destination.Length < length) throw new ArgumentOutOfRangeException(nameof(length), length, "Longer than the destination.");
        switch (length)
        {
            case 1:
                destination[0] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(value | (1UL << 14)));
                break;
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)(value | (2UL << 30)));
                break;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(destination, value | (3UL << 62));
                break;
        }
    }

    /// <summary>Reads a value; false when the source ends within it.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out ulong value, out int length)
    {
        value = 0;
        length = 0;
        if (source.IsEmpty) return false;
        var size = 1 << (source[0] >> 6);
        if (source.Length < size) return false;
        length = size;
        value = size switch
        {
            1 => source[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(source) & 0x3fffUL,
            4 => BinaryPrimitives.ReadUInt32BigEndian(source) & 0x3fff_ffffUL,
            _ => BinaryPrimitives.ReadUInt64BigEndian(source) & MaxValue,
        };
        return true;
    }

    /// <summary>Reads a value off the front of a sequence; false, and nothing taken, when the sequence ends within it.</summary>
    public static bool TryRead(ref ReadOnlySequence<byte> source, out ulong value)
    {
        if (!TryRead(source.FirstSpan, out value, out var length))
        {
            Span<byte> start = stackalloc byte[MaxLength];
            var available = (int)Math.Min(source.Length, MaxLength);
            source.Slice(0, available).CopyTo(start);
            if (!TryRead(start[..available], out value, out length)) return false;
        }

        source = source.Slice(length);
        return true;
    }
}
