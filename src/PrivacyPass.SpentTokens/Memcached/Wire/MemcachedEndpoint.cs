using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>The address of a server: <c>host:port</c>, <c>[v6]:port</c> or <c>unix:/path</c>.</summary>
internal sealed record MemcachedEndpoint
{
    private const string UnixPrefix = "unix:";

    /// <summary>What Linux takes as the path of a unix socket, without the closing zero.</summary>
    private const int LongestUnixPath = 107;

    private MemcachedEndpoint(string text, string host, int port, string? unixPath) =>
        (Text, Host, Port, UnixPath) = (text, host, port, unixPath);

    /// <summary>Host name or address; empty for a unix socket.</summary>
    public string Host { get; }

    public int Port { get; }

    public string? UnixPath { get; }

    private string Text { get; }

    public static bool TryParse(string? text, [NotNullWhen(true)] out MemcachedEndpoint? endpoint)
    {
        endpoint = null;
        if (string.IsNullOrEmpty(text)) return false;
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            var path = text[UnixPrefix.Length..];
            if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal) || System.Text.Encoding.UTF8.GetByteCount(path) > LongestUnixPath) return false;
            endpoint = new MemcachedEndpoint(text, "", 0, path);
            return true;
        }

        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0) return false;
        if (HostOf(text[..colon]) is not { } host) return false;
        endpoint = new MemcachedEndpoint(text, host, port, null);
        return true;
    }

    /// <summary>As the operator wrote it.</summary>
    public override string ToString() => Text;

    /// <summary>The addresses behind the name, as the system's resolver gives them.</summary>
    public async Task<EndPoint[]> ResolveAsync(CancellationToken cancellationToken)
    {
        if (UnixPath is not null) return [new UnixDomainSocketEndPoint(UnixPath)];
        if (IPAddress.TryParse(Host, out var address)) return [new IPEndPoint(address, Port)];
        var addresses = await Dns.GetHostAddressesAsync(Host, cancellationToken);
        return Array.ConvertAll(addresses, found => (EndPoint)new IPEndPoint(found, Port));
    }

    private static string? HostOf(string host)
    {
        if (host is ['[', .. var inner, ']'])
            return IPAddress.TryParse(inner, out var v6) && v6.AddressFamily == AddressFamily.InterNetworkV6 ? inner : null;
        // What a name may hold is for the resolver to say (RFC 2181, section 11).
        return host.Length <= 254 && host.All(static c => c is > ' ' and <= '~' and not (':' or '[' or ']' or '/' or '@' or ',')) ? host : null;
    }
}
