using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Balancers;

/// <summary>What the first bytes of a connection are, read as a PROXY header.</summary>
internal enum ProxyHeaderStatus
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>A header, whole.</summary>
    Complete,

    /// <summary>Not one, or one that is cut, too long or of another transport.</summary>
    Malformed,
}

/// <summary>
/// Reads the header of the PROXY protocol, version 1 (text) or 2 (binary), by which a load balancer says for whom it connects
/// (haproxy's doc/proxy-protocol.txt). No I/O.
/// </summary>
internal static class ProxyHeader
{
    /// <summary>The longest that is read: addresses, and what TLVs a balancer may add.</summary>
    public const int MaxLength = 2048;

    private const int MaxTextLength = 107;
    private const int FixedLength = 16;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ReadOnlySpan<byte> Word => "PROXY "u8;

    /// <param name="bytes">Everything received so far.</param>
    /// <param name="length">Of a whole header.</param>
    /// <param name="source">For whom the balancer connects; null for nobody but itself, as its health checks do.</param>
    public static ProxyHeaderStatus Read(ReadOnlySpan<byte> bytes, out int length, out IPEndPoint? source)
    {
        (length, source) = (0, null);
        if (StartsLike(bytes, Signature)) return ReadBinary(bytes, out length, out source);
        return StartsLike(bytes, Word) ? ReadText(bytes, out length, out source) : ProxyHeaderStatus.Malformed;
    }

    private static bool StartsLike(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> start) =>
        bytes.Length < start.Length ? start.StartsWith(bytes) : bytes.StartsWith(start);

    private static ProxyHeaderStatus ReadBinary(ReadOnlySpan<byte> bytes, out int length, out IPEndPoint? source)
    {
        (length, source) = (0, null);
        if (bytes.Length < FixedLength) return ProxyHeaderStatus.Incomplete;
        var (version, command) = (bytes[12] >> 4, bytes[12] & 0xf);
        var (family, transport) = (bytes[13] >> 4, bytes[13] & 0xf);
        length = FixedLength + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (version != 2 || command > 1 || length > MaxLength) return ProxyHeaderStatus.Malformed;
        if (bytes.Length < length) return ProxyHeaderStatus.Incomplete;
        // For itself (LOCAL), or for somebody whom it cannot name.
        if (command == 0 || bytes[13] == 0) return ProxyHeaderStatus.Complete;
        var size = family switch { 1 => 4, 2 => 16, _ => 0 };
        var addresses = bytes[FixedLength..length];
        if (size == 0 || transport != 1 || addresses.Length < (2 * size) + 4) return ProxyHeaderStatus.Malformed;
        source = new IPEndPoint(new IPAddress(addresses[..size]), BinaryPrimitives.ReadUInt16BigEndian(addresses[(2 * size)..]));
        return ProxyHeaderStatus.Complete;
    }

    private static ProxyHeaderStatus ReadText(ReadOnlySpan<byte> bytes, out int length, out IPEndPoint? source)
    {
        source = null;
        var end = bytes.IndexOf("\r\n"u8);
        length = end + 2;
        if (end < 0) return bytes.Length < MaxTextLength ? ProxyHeaderStatus.Incomplete : ProxyHeaderStatus.Malformed;
        if (length > MaxTextLength) return ProxyHeaderStatus.Malformed;
        var parts = Encoding.Latin1.GetString(bytes[Word.Length..end]).Split(' ');
        if (parts[0] == "UNKNOWN") return ProxyHeaderStatus.Complete;
        var family = parts[0] switch { "TCP4" => AddressFamily.InterNetwork, "TCP6" => AddressFamily.InterNetworkV6, _ => AddressFamily.Unspecified };
        if (parts.Length != 5
            || !TryReadAddress(parts[1], family, out var address) || !TryReadAddress(parts[2], family, out _)
            || !TryReadPort(parts[3], out var port) || !TryReadPort(parts[4], out _)) return ProxyHeaderStatus.Malformed;
        source = new IPEndPoint(address, port);
        return ProxyHeaderStatus.Complete;
    }

    private static bool TryReadAddress(string text, AddressFamily family, out IPAddress address)
    {
        var isAddress = AddressPrefix.TryParseAddress(text, out var parsed);
        address = parsed ?? IPAddress.None;
        return isAddress && address.AddressFamily == family;
    }

    private static bool TryReadPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && (text.Length == 1 || text[0] != '0');
}
