using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace PrivacyRelay.Upstream;

/// <summary>Where a tunnel ends: a DNS name (ASCII) or an address literal, and a port. Names are resolved by the proxy, never here.</summary>
internal sealed class Destination
{
    // Which of these a name may have, and where, is for resolvers to say (RFC 2181, section 11).
    private static readonly SearchValues<char> _nameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!$&'()*+,;=");

    private Destination(string host, int port)
    {
        Host = host;
        Port = port;
        Authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
    }

    /// <summary>The name, or the literal without brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    /// <summary>As in a CONNECT request: <c>host:port</c>, an IPv6 literal in brackets.</summary>
    public string Authority { get; }

    /// <summary>From a host as SOCKS5 carries it: a name or a literal without brackets.</summary>
    /// <returns>Null when the host is no name of at most 253 characters of a reg-name (RFC 3986, section 3.2.2), no literal, or the port is 0.</returns>
    public static Destination? Create(string host, int port)
    {
        if (port is < 1 or > 65535) return null;
        if (host.Contains(':', StringComparison.Ordinal))
        {
            return IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId == 0 && !host.Contains('%', StringComparison.Ordinal)
                ? new Destination(address.ToString(), port)
                : null;
        }

        return IsName(host) ? new Destination(host, port) : null;
    }

    /// <summary>From <c>host:port</c> or <c>[IPv6]:port</c>; null when it is anything else.</summary>
    public static Destination? Parse(ReadOnlySpan<char> authority, int? defaultPort = null)
    {
        var colon = authority.LastIndexOf(':');
        var closing = authority.LastIndexOf(']');
        var host = authority;
        var port = defaultPort ?? 0;
        if (colon > closing)
        {
            host = authority[..colon];
            var digits = authority[(colon + 1)..];
            // A URL may end in a colon and leave the port to its scheme (RFC 3986, section 3.2.3).
            if (!(digits.IsEmpty && defaultPort is not null) && !int.TryParse(digits, System.Globalization.NumberStyles.None, provider: null, out port)) return null;
        }

        if (closing < 0) return host.Contains(':') ? null : Create(host.ToString(), port);
        return host.Length > 2 && host[0] == '[' && host[^1] == ']' && host.Contains(':') ? Create(host[1..^1].ToString(), port) : null;
    }

    /// <summary>Destinations must not reach a log, not even by accident.</summary>
    public override string ToString() => nameof(Destination);

    private static bool IsName(string host) =>
        host.AsSpan().TrimEnd('.').Length is > 0 and <= 253 && host[0] != '.' && !host.Contains("..", StringComparison.Ordinal)
        && !host.AsSpan().ContainsAnyExcept(_nameCharacters);
}
