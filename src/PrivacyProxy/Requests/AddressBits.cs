using System.Buffers.Binary;
using System.Net;

namespace PrivacyProxy.Requests;

/// <summary>Addresses as 128 bits, IPv4 in its mapped form: an address and its ::ffff: spelling are one value.</summary>
internal static class AddressBits
{
    private const ulong MappedPrefix = 0xffffUL << 32;

    public static UInt128 From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static UInt128 FromIPv4(uint address) => new(0, MappedPrefix | address);
}
