using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Egress.Resolution;

/// <summary>Names that never go to a server (RFC 6761, RFC 7686), and names that are addresses in disguise.</summary>
internal static class SpecialNames
{
    private static readonly AddressAnswer _loopback4 = AddressAnswer.Of([IPAddress.Loopback]);
    private static readonly AddressAnswer _loopback6 = AddressAnswer.Of([IPAddress.IPv6Loopback]);

    /// <summary>The answer for a special name, null for an ordinary one.</summary>
    public static AddressAnswer? Resolve(string name, AddressFamily family)
    {
        var last = name.AsSpan(name.LastIndexOf('.') + 1);
        if (last.SequenceEqual("localhost")) return family == AddressFamily.InterNetwork ? _loopback4 : _loopback6;

        // No top-level domain is a number: 127.1, 2130706433 and 0x7f.1 are spellings of addresses for inet_aton only.
        return last is "invalid" or "onion" || IsNumber(last) ? AddressAnswer.NoSuchName : null;
    }

    private static bool IsNumber(ReadOnlySpan<char> label)
    {
        var isHexadecimal = label.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        foreach (var character in isHexadecimal ? label[2..] : label)
        {
            if (!(isHexadecimal ? char.IsAsciiHexDigit(character) : char.IsAsciiDigit(character))) return false;
        }

        return true;
    }
}
