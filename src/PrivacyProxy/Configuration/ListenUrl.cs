using System.Globalization;
using System.Net;

namespace PrivacyProxy.Configuration;

/// <summary>A URL to listen on: <c>https://127.0.0.1:8443</c>, <c>http://localhost:0</c>, <c>https://*:443</c>, <c>https://proxy.example:443</c>.</summary>
/// <param name="Tls">True for https.</param>
/// <param name="Host">As written, without brackets; <c>*</c> for all addresses.</param>
/// <param name="Address">Where to bind: the literal, loopback for localhost, any address for <c>*</c> and for names.</param>
/// <param name="Port">0 lets the system choose.</param>
internal sealed record ListenUrl(bool Tls, string Host, IPAddress Address, int Port)
{
    public const string Expected = "http:// or https://, then an IP address, localhost, a name or *, then an optional port, such as https://127.0.0.1:8443";

    /// <summary>The host that stands for all addresses.</summary>
    public const string AnyHost = "*";

    public IPEndPoint EndPoint => new(Address, Port);

    /// <summary>True when it binds to all addresses, so that the host says nothing about where clients connect.</summary>
    public bool IsAny => Address.Equals(IPAddress.IPv6Any) || Address.Equals(IPAddress.Any);

    public static bool TryParse(string? text, out ListenUrl url)
    {
        url = null!;
        // System.Uri knows no wildcard host.
        var any = text is not null && (text.Contains("://*", StringComparison.Ordinal) || text.Contains("://+", StringComparison.Ordinal));
        var parsable = any ? text!.Replace("://*", "://wildcard", StringComparison.Ordinal).Replace("://+", "://wildcard", StringComparison.Ordinal) : text;
        if (!Uri.TryCreate(parsable, UriKind.Absolute, out var uri)) return false;
        if (uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/" || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0) return false;
        if (any && uri.Host != "wildcard") return false;
        var host = any ? AnyHost : uri.DnsSafeHost;
        url = new ListenUrl(uri.Scheme == "https", host, AddressOf(host), uri.Port);
        return true;
    }

    /// <summary>The URL with its real port.</summary>
    public string WithPort(int port)
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{(Tls ? "https" : "http")}://{host}:{port}");
    }

    public override string ToString() => WithPort(Port);

    private static IPAddress AddressOf(string host)
    {
        if (IPAddress.TryParse(host, out var address)) return address;
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)) return IPAddress.Loopback;
        return System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
    }
}
