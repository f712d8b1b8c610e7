using System.Globalization;
using System.Net;

namespace PrivacyProxy.Configuration;

/// <summary>What the proxy calls itself: in Proxy-Status, and to clients in the origin_info of challenges.</summary>
internal sealed class ProxyIdentity(LiveOptions options)
{
    private volatile string _listening = OriginsOf(options.CurrentValue.ListenUrls);

    /// <summary>The name in Proxy-Status (RFC 9209): an sf-token.</summary>
    public string StatusName => options.CurrentValue.Tunnels.ProxyName;

    /// <summary>Authentication:OriginInfo, else Name, else the addresses listened on.</summary>
    public string OriginInfo => options.CurrentValue.Authentication.OriginInfo ?? options.CurrentValue.Name ?? _listening;

    /// <summary>Called once the real ports are known.</summary>
    public void ListensOn(IEnumerable<ListenUrl> urls) => _listening = OriginsOf(urls);

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
