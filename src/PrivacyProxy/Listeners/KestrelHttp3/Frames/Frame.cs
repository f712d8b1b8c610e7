using System.Buffers;
using Masque;

namespace PrivacyProxy.Listeners.KestrelHttp3.Frames;

/// <summary>Frames of a request's stream (RFC 9114, section 7).</summary>
internal static class Frame
{
    public const ulong Data = 0x00, Headers = 0x01;

    /// <summary>Type and length of a DATA frame, the length in four bytes: written before it is known.</summary>
    public const int DataHeaderLength = 1 + LengthLength;

    private const int LengthLength = 4;

    /// <summary>Takes type and length off the front; false, and nothing taken, when they are not there whole.</summary>
    public static bool TryReadHeader(ref ReadOnlySequence<byte> buffer, out ulong type, out ulong length)
    {
        var rest = buffer;
        length = 0;
        if (!VarInt.TryRead(ref rest, out type) || !VarInt.TryRead(ref rest, out length)) return false;
        buffer = rest;
        return true;
    }

    public static void WriteDataHeader(Span<byte> destination, int length) => CapsuleWriter.WriteHeader(destination, Data, (ulong)length, LengthLength);

    /// <summary>
    /// Whether a type has no place on a stream once it is a tunnel: those that RFC 9114 gives another, and HEADERS, which would be trailers
    /// (section 4.4). Types that nobody knows are skipped (section 9).
    /// </summary>
    public static bool IsUnexpectedInTunnel(ulong type) => type != Data && IsKnown(type);

    /// <summary>Whether RFC 9114 gives a type a meaning, or reserves it for that of HTTP/2 (section 11.2.1).</summary>
    public static bool IsKnown(ulong type) => type is <= 0x09 or 0x0d;
}
