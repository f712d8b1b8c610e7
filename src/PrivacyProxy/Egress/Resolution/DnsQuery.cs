using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>Writes queries (RFC 1035, section 4.1): one question, recursion desired.</summary>
internal static class DnsQuery
{
    public const int HeaderLength = 12;
    public const int MaxLength = HeaderLength + DnsName.MaxLength + 4;
    private const ushort RecursionDesired = 0x0100;
    private const ushort ClassInternet = 1;

    /// <summary>Writes a query with an id from the system's cryptographic generator; false for a name DNS cannot hold.</summary>
    /// <param name="name">ASCII, no trailing dot.</param>
    /// <param name="type">What to ask for.</param>
    /// <param name="randomizeCase">Flips letters to upper case at random.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="length">Bytes written.</param>
    public static bool TryWrite(ReadOnlySpan<char> name, DnsRecordType type, bool randomizeCase, Span<byte> destination, out int length)
    {
        length = 0;
        if (!DnsName.TryWrite(name, destination[HeaderLength..], out var nameLength)) return false;
        destination[..HeaderLength].Clear();
        RandomNumberGenerator.Fill(destination[..2]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], 1);
        if (randomizeCase) RandomizeCase(destination.Slice(HeaderLength, nameLength));
        var end = destination[(HeaderLength + nameLength)..];
        BinaryPrimitives.WriteUInt16BigEndian(end, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(end[2..], ClassInternet);
        length = HeaderLength + nameLength + 4;
        return true;
    }

    // Label lengths are at most 63, so they are never mistaken for letters.
    private static void RandomizeCase(Span<byte> name)
    {
        Span<byte> coins = stackalloc byte[DnsName.MaxLength];
        RandomNumberGenerator.Fill(coins);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] is >= (byte)'a' and <= (byte)'z' && (coins[i] & 1) != 0) name[i] &= 0xdf;
        }
    }
}
