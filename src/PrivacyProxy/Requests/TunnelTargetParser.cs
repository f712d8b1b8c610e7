using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PrivacyProxy.Requests;

/// <summary>
/// Reads the target of CONNECT: authority-form <c>host ":" port</c> (RFC 9110, section 9.3.6; RFC 9112, section 3.2.3).
/// What it lets through means the same to every resolver: no octal, hexadecimal or shortened IPv4, no zone ids, no percent-encoding.
/// </summary>
internal static class TunnelTargetParser
{
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;

    /// <summary>"[", 39 characters of IPv6 or a name with its trailing dot, "]", ":" and five digits fit well within it.</summary>
    private const int MaxLength = MaxNameLength + 1 + 1 + 5;

    // A reg-name (RFC 3986, section 3.2.2) but for percent-encodings. Which of these a name may have, and where, is for resolvers to say
    // and not for those who ask them (RFC 2181, section 11): a label may begin or end with a hyphen.
    private static readonly SearchValues<char> _nameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!$&'()*+,;=");

    private static readonly SearchValues<char> _ipv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Parses; never throws. On failure <paramref name="target"/> is null and the result says why.</summary>
    public static TunnelTargetError TryParse(ReadOnlySpan<char> authority, out TunnelTarget? target)
    {
        target = null;
        if (authority.IsEmpty) return TunnelTargetError.EmptyHost;
        if (authority.Contains('@')) return TunnelTargetError.Userinfo;
        if (authority.Length > MaxLength) return TunnelTargetError.InvalidName;

        var error = authority[0] == '['
            ? SplitBrackets(authority, out var host, out var port)
            : SplitName(authority, out host, out port);
        if (error != TunnelTargetError.None) return error;
        if (!TryParsePort(port, out var number)) return TunnelTargetError.InvalidPort;
        return authority[0] == '[' ? ParseIPv6(host, number, out target) : ParseName(host, number, out target);
    }

    /// <summary>The same for the two variables of a templated tunnel (RFC 9298, section 3): an IPv6 address has no brackets there.</summary>
    public static TunnelTargetError TryParse(ReadOnlySpan<char> host, ReadOnlySpan<char> port, out TunnelTarget? target)
    {
        target = null;
        if (host.IsEmpty) return TunnelTargetError.EmptyHost;
        if (host.Length > MaxLength) return TunnelTargetError.InvalidName;
        var isIPv6 = host.Contains(':');
        if (!isIPv6 && host.ContainsAnyExcept(_nameCharacters)) return TunnelTargetError.InvalidCharacter;
        if (port.IsEmpty || !TryParsePort(port, out var number)) return port.IsEmpty ? TunnelTargetError.MissingPort : TunnelTargetError.InvalidPort;
        return isIPv6 ? ParseIPv6(host, number, out target) : ParseName(host, number, out target);
    }

    private static TunnelTargetError SplitBrackets(ReadOnlySpan<char> authority, out ReadOnlySpan<char> host, out ReadOnlySpan<char> port)
    {
        host = port = default;
        var close = authority.IndexOf(']');
        if (close < 0) return TunnelTargetError.InvalidIPv6;
        host = authority[1..close];
        var rest = authority[(close + 1)..];
        if (rest.IsEmpty) return TunnelTargetError.MissingPort;
        if (rest[0] != ':') return TunnelTargetError.InvalidIPv6;
        port = rest[1..];
        return TunnelTargetError.None;
    }

    private static TunnelTargetError SplitName(ReadOnlySpan<char> authority, out ReadOnlySpan<char> host, out ReadOnlySpan<char> port)
    {
        host = port = default;
        var colon = authority.IndexOf(':');
        var name = colon < 0 ? authority : authority[..colon];
        if (name.ContainsAnyExcept(_nameCharacters)) return TunnelTargetError.InvalidCharacter;
        if (colon < 0) return TunnelTargetError.MissingPort;
        if (name.IsEmpty) return TunnelTargetError.EmptyHost;
        host = name;
        port = authority[(colon + 1)..];
        return TunnelTargetError.None;
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        // It would let zero characters at the end pass.
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port)
        && text.Length <= 5 && text[0] != '0' && port <= ushort.MaxValue && !text.Contains('\0');

    private static TunnelTargetError ParseIPv6(ReadOnlySpan<char> host, int port, out TunnelTarget? target)
    {
        target = null;
        if (host.ContainsAnyExcept(_ipv6Characters)
            || !IPAddress.TryParse(host, out var address)
            || address.AddressFamily != AddressFamily.InterNetworkV6)
            return TunnelTargetError.InvalidIPv6;
        target = new TunnelTarget(address.ToString(), address, port);
        return TunnelTargetError.None;
    }

    private static TunnelTargetError ParseName(ReadOnlySpan<char> host, int port, out TunnelTarget? target)
    {
        target = null;
        if (host[^1] == '.') host = host[..^1];
        if (host.IsEmpty || host.Length > MaxNameLength) return TunnelTargetError.InvalidName;
        foreach (var label in host.Split('.'))
            if (host[label].Length is 0 or > MaxLabelLength) return TunnelTargetError.InvalidName;

        IPAddress? address = null;
        if (EndsInNumber(host) && !TryParseDottedQuad(host, out address)) return TunnelTargetError.InvalidIPv4;
        target = new TunnelTarget(address?.ToString() ?? Lower(host), address, port);
        return TunnelTargetError.None;
    }

    /// <summary>As in the URL standard: a last label of digits, or of 0x and hexadecimal digits, makes the host an IPv4 address or nothing.</summary>
    private static bool EndsInNumber(ReadOnlySpan<char> host)
    {
        var last = host[(host.LastIndexOf('.') + 1)..];
        if (!last.ContainsAnyExceptInRange('0', '9')) return true;
        return last.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && ulong.TryParse(last.Length == 2 ? "0" : last[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);
    }

    private static bool TryParseDottedQuad(ReadOnlySpan<char> host, out IPAddress? address)
    {
        address = null;
        Span<byte> octets = stackalloc byte[4];
        var count = 0;
        foreach (var range in host.Split('.'))
        {
            var octet = host[range];
            var hasLeadingZero = octet.Length > 1 && octet[0] == '0';
            if (count == octets.Length || hasLeadingZero
                || !byte.TryParse(octet, NumberStyles.None, CultureInfo.InvariantCulture, out octets[count++]))
                return false;
        }

        if (count != octets.Length) return false;
        address = new IPAddress(octets);
        return true;
    }

    private static string Lower(ReadOnlySpan<char> host) =>
        string.Create(host.Length, host, static (lower, name) => name.ToLowerInvariant(lower));
}
