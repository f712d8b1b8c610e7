namespace PrivacyRelay.Socks5.Udp;

/// <summary>A datagram between a client and the relay (RFC 1928, section 7): two zeros, a fragment number, an address, the payload.</summary>
/// <param name="Address">The destination, whole, in the client's own bytes.</param>
/// <param name="Payload">What to send there, possibly nothing.</param>
internal readonly record struct Socks5Datagram(ReadOnlyMemory<byte> Address, ReadOnlyMemory<byte> Payload)
{
    /// <summary>More than UDP can carry.</summary>
    public const int MaxLength = 65_535;

    /// <summary>The longest header.</summary>
    public const int MaxHeaderLength = AddressAt + Socks5Address.MaxLength;

    private const int AddressAt = 3;

    /// <summary>Takes a datagram apart where it lies; false when it is malformed or a fragment: those are not put together here, as the RFC leaves open.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out Socks5Datagram datagram)
    {
        datagram = default;
        if (bytes.Length < AddressAt + 2 || bytes.Span[..AddressAt].ContainsAnyExcept((byte)0)) return false;
        var rest = bytes[AddressAt..];
        if (Socks5Address.LengthOf(rest.Span[0], rest.Span[1]) is not { } length || rest.Length < length) return false;
        datagram = new Socks5Datagram(rest[..length], rest[length..]);
        return true;
    }

    /// <summary>Writes what goes before the payload of an answer; returns how many bytes.</summary>
    public static int WriteHeader(Span<byte> destination, ReadOnlySpan<byte> address)
    {
        destination[..AddressAt].Clear();
        address.CopyTo(destination[AddressAt..]);
        return AddressAt + address.Length;
    }
}
