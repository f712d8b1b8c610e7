using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using PrivacyProxy.Configuration;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Hosting;

/// <summary>What the proxy calls itself: in Proxy-Status, and to clients in the origin_info of challenges.</summary>
internal sealed class ProxyIdentity(IOptionsMonitor<ProxyOptions> options) : IProxyIdentity
{
    private const string DefaultStatusName = "privacy-proxy";

    private volatile string _listening = OriginsOf(options.CurrentValue.ListenUrls);

    public string? Name => options.CurrentValue.Name;

    /// <summary>Tunnels:ProxyName, else Name where it is an sf-token (RFC 9651, section 3.3.4), as no address is, else a name for all.</summary>
    public string StatusName => options.CurrentValue.Tunnels.ProxyName ?? (Name is { } name && IsToken(name) ? name : DefaultStatusName);

    /// <summary>Authentication:OriginInfo, else Name, else the addresses listened on.</summary>
    public string OriginInfo => options.CurrentValue.Authentication.OriginInfo ?? Name ?? _listening;

    /// <summary>Called once the real ports are known.</summary>
    public void ListensOn(IEnumerable<ListenUrl> urls) => _listening = OriginsOf(urls);

    private static bool IsToken(string name) => char.IsAsciiLetter(name[0]) && !name.Contains('[', StringComparison.Ordinal);

    private static string OriginsOf(IEnumerable<ListenUrl> urls) => string.Join(',', urls.SelectMany(Origins).Distinct(StringComparer.OrdinalIgnoreCase));

    /// <summary>The authorities a client may know an address by; a port of 443 is left out (RFC 9577, section 2.1.1.1).</summary>
    private static IEnumerable<string> Origins(ListenUrl url)
    {
        var port = url.Port == 443 ? "" : string.Create(CultureInfo.InvariantCulture, $":{url.Port}");
        var host = url.Host == ListenUrl.AnyHost || IPAddress.TryParse(url.Host, out _) && url.IsAny ? Environment.MachineName : url.Host;
        yield return (host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host) + port;
        if (!IPAddress.IsLoopback(url.Address) && !url.IsAny) yield break;
        foreach (var loopback in new[] { "localhost", "127.0.0.1", "[::1]" }) yield return loopback + port;
    }
}
