using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Policy;

/// <summary>IPv6 addresses that a gateway turns into IPv4: what they reach is the address inside.</summary>
internal static class EmbeddedIPv4
{
    private static readonly AddressPrefix _nat64 = AddressPrefix.Parse("64:ff9b::/96"); // RFC 6052
    private static readonly AddressPrefix _teredo = AddressPrefix.Parse("2001::/32"); // RFC 4380
    private static readonly AddressPrefix _sixToFour = AddressPrefix.Parse("2002::/16"); // RFC 3056

    /// <summary>The one or two IPv4 addresses inside (Teredo names its server and its client), in mapped form.</summary>
    public static bool TryUnwrap(UInt128 address, out UInt128 first, out UInt128 second)
    {
        if (_nat64.Contains(address)) first = second = AddressBits.FromIPv4((uint)address);
        else if (_sixToFour.Contains(address)) first = second = AddressBits.FromIPv4((uint)(address >> 80));
        else if (_teredo.Contains(address))
        {
            first = AddressBits.FromIPv4((uint)(address >> 64));
            second = AddressBits.FromIPv4(~(uint)address); // the client's, every bit flipped
        }
        else
        {
            first = second = default;
            return false;
        }

        return true;
    }
}
