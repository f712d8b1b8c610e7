using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress.Policy;

/// <summary>One line of <see cref="EgressOptions.AllowedDestinations"/>: a name, the names below one, or a prefix of addresses; on all ports or one.</summary>
internal readonly struct DestinationRule
{
    public const string Expected = "a name (proxy.example), the names below one (*.example), an address or a CIDR prefix, each with a port or without: proxy.example:443, 203.0.113.0/24:443, [2001:db8::/32]:443";

    private const string Below = "*.";

    private readonly string? _name; // with a dot before it: the names below
    private readonly AddressPrefix _prefix;
    private readonly int _port; // 0: all

    private DestinationRule(string? name, AddressPrefix prefix, int port) => (_name, _prefix, _port) = (name, prefix, port);

    public bool IsName => _name is not null;

    public static bool TryParse([NotNullWhen(true)] string? text, out DestinationRule rule)
    {
        rule = default;
        if (!TrySplit(text ?? "", out var host, out var port)) return false;
        if (AddressPrefix.TryParse(host, out var prefix))
        {
            rule = new DestinationRule(null, prefix, port);
            return true;
        }

        var isBelow = host.StartsWith(Below, StringComparison.Ordinal);
        // What cannot be asked for need not be allowed.
        if (TunnelTargetParser.TryParse(isBelow ? host[Below.Length..] : host, "1", out var target) != TunnelTargetError.None || target!.Address is not null) return false;
        if (target.Host.Contains('*', StringComparison.Ordinal)) return false;
        rule = new DestinationRule(isBelow ? "." + target.Host : target.Host, default, port);
        return true;
    }

    public bool HasPort(int port) => _port == 0 || _port == port;

    /// <summary>Whether it is of names and this is one of them; lower case, as targets are.</summary>
    public bool Contains(string name) => _name is not null && (_name[0] == '.' ? name.EndsWith(_name, StringComparison.Ordinal) : name == _name);

    /// <summary>Whether it is of addresses and this is one of them.</summary>
    public bool Contains(UInt128 address) => _name is null && _prefix.Contains(address);

    private static bool TrySplit(string text, out string host, out int port)
    {
        (host, port) = (text, 0);
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || !text.AsSpan(1, close - 1).Contains(':')) return false;
            host = text[1..close];
            return close == text.Length - 1 || (text[close + 1] == ':' && TryReadPort(text[(close + 2)..], out port));
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        // None, or an IPv6 address without brackets: then there is no port.
        if (colon < 0 || text.IndexOf(':', colon + 1) >= 0) return true;
        host = text[..colon];
        return TryReadPort(text[(colon + 1)..], out port);
    }

    private static bool TryReadPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= ushort.MaxValue;
}
