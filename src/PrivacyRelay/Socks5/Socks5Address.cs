using System.Buffers.Binary;
using System.Net;
using System.Text;
using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks5;

/// <summary>An address as requests, replies and datagrams carry it (RFC 1928, section 5): its type, a host, a port.</summary>
internal static class Socks5Address
{
    public const byte IPv4 = 0x01;
    public const byte Name = 0x03;
    public const byte IPv6 = 0x04;

    /// <summary>The longest there is: a type, a length, a name of 255 bytes, a port.</summary>
    public const int MaxLength = 1 + 1 + byte.MaxValue + PortLength;

    private const int PortLength = 2;

    /// <summary>The bytes it takes from its type to its port; null for a type that does not exist.</summary>
    /// <param name="type">Its first byte.</param>
    /// <param name="next">Its second byte, which is the length of a name.</param>
    public static int? LengthOf(byte type, byte next) => type switch
    {
        IPv4 => 1 + 4 + PortLength,
        IPv6 => 1 + 16 + PortLength,
        Name => 1 + 1 + next + PortLength,
        _ => null,
    };

    /// <summary>Where a whole address leads; null when nothing can be there, such as port 0 or a name that is none.</summary>
    public static Destination? ReadDestination(ReadOnlySpan<byte> address)
    {
        var host = address[0] == Name ? Encoding.Latin1.GetString(address[2..^PortLength]) : new IPAddress(address[1..^PortLength]).ToString();
        return Destination.Create(host, PortOf(address));
    }

    /// <summary>A whole address as one of this machine's network; null for a name. Zeros are allowed.</summary>
    public static IPEndPoint? ReadEndPoint(ReadOnlySpan<byte> address) =>
        address[0] == Name ? null : new IPEndPoint(new IPAddress(address[1..^PortLength]), PortOf(address));

    /// <summary>Writes an address literal; returns how many bytes.</summary>
    public static int Write(Span<byte> destination, IPEndPoint endPoint)
    {
        var address = endPoint.Address.GetAddressBytes();
        destination[0] = address.Length == 4 ? IPv4 : IPv6;
        address.CopyTo(destination[1..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(1 + address.Length)..], (ushort)endPoint.Port);
        return 1 + address.Length + PortLength;
    }

    private static int PortOf(ReadOnlySpan<byte> address) => BinaryPrimitives.ReadUInt16BigEndian(address[^PortLength..]);
}
