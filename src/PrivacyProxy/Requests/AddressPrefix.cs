using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Requests;

/// <summary>A CIDR prefix over <see cref="AddressBits"/>.</summary>
internal readonly struct AddressPrefix
{
    private readonly UInt128 _network;
    private readonly UInt128 _mask;

    private AddressPrefix(UInt128 network, int length)
    {
        _mask = MaskOf(length);
        _network = network & _mask;
    }

    /// <summary>The bits that addresses in it share, and zeros.</summary>
    public UInt128 Network => _network;

    /// <summary>How many bits those are, of 128: 96 more than an IPv4 prefix says.</summary>
    public int Length => (int)UInt128.LeadingZeroCount(~_mask);

    /// <summary>The <see cref="Network"/> that an address has in a prefix of that <see cref="Length"/>.</summary>
    public static UInt128 NetworkOf(UInt128 address, int length) => address & MaskOf(length);

    public bool Contains(UInt128 address) => (address & _mask) == _network;

    public static AddressPrefix Parse(string text) =>
        TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is not a CIDR prefix.");

    /// <summary>Reads <c>ADDRESS/LENGTH</c> or one address, IPv4 with all four numbers; bits behind the prefix are ignored.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AddressPrefix prefix)
    {
        prefix = default;
        var parts = (text ?? "").Split('/');
        if (parts.Length > 2 || !TryParseAddress(parts[0], out var address)) return false;
        var isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        var bits = isIPv4 ? 32 : 128;
        var length = bits;
        if (parts.Length == 2
            && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits)) return false;
        prefix = new AddressPrefix(AddressBits.From(address), isIPv4 ? length + 96 : length);
        return true;
    }

    /// <summary>Stricter than <see cref="IPAddress.TryParse(string, out IPAddress)"/>: no <c>127.1</c>, no scope.</summary>
    public static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        return (text.Contains(':') || text.AsSpan().Count('.') == 3)
            && !text.Contains('%')
            && !text.StartsWith('[')
            && IPAddress.TryParse(text, out address);
    }

    private static UInt128 MaskOf(int length) => length == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - length);
}
