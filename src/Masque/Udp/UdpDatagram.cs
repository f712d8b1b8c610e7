using System.Buffers;

namespace Masque.Udp;

/// <summary>HTTP Datagrams of connect-udp: a context id, then for context 0 a UDP payload (RFC 9298, section 5).</summary>
public static class UdpDatagram
{
    /// <summary>The largest UDP payload there can be, bytes.</summary>
    public const int MaxPayloadLength = 65_527;

    /// <summary>The largest HTTP Datagram worth waiting for: a payload behind the longest way to write context 0.</summary>
    public const int MaxLength = VarInt.MaxLength + MaxPayloadLength;

    /// <summary>Type, length and context id before a payload, at most.</summary>
    public const int MaxHeaderLength = 1 + 4 + 1;

    /// <summary>Reads one HTTP Datagram.</summary>
    /// <param name="datagram">The value of a DATAGRAM capsule.</param>
    /// <param name="payload">The UDP payload, possibly empty; only with <see cref="UdpDatagramKind.Payload"/>.</param>
    public static UdpDatagramKind Read(ReadOnlySequence<byte> datagram, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (!VarInt.TryRead(ref datagram, out var contextId)) return UdpDatagramKind.Malformed;
        if (contextId != 0) return UdpDatagramKind.UnknownContext;
        if (datagram.Length > MaxPayloadLength) return UdpDatagramKind.TooLong;
        payload = datagram;
        return UdpDatagramKind.Payload;
    }

    /// <summary>Writes all that goes before a payload of context 0 in a DATAGRAM capsule; returns how many bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The payload is too long or the destination too short.</exception>
    public static int WriteHeader(Span<byte> destination, int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadLength, MaxPayloadLength);
        var written = CapsuleWriter.WriteHeader(destination, CapsuleType.Datagram, (ulong)payloadLength + 1);
        destination[written] = 0;
        return written + 1;
    }
}
