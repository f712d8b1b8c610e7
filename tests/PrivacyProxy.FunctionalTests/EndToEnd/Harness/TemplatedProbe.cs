using System.Net;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Asks for templated tunnels (RFC 9298, draft-ietf-httpbis-connect-tcp) over any version.</summary>
internal static class TemplatedProbe
{
    public const string Udp = "connect-udp", Tcp = "connect-tcp";

    /// <summary>Sends a request for a destination named as in CONNECT.</summary>
    public static Task<ITunnelProbe> ConnectAsync(
        ProxyProcess proxy, ProxyVersion version, string protocol, string authority, params IEnumerable<KeyValuePair<string, string>> fields) =>
        ConnectAsync(proxy, version, protocol, authority, from: null, fields);

    /// <summary>The same from a loopback address of choice.</summary>
    public static async Task<ITunnelProbe> ConnectAsync(
        ProxyProcess proxy, ProxyVersion version, string protocol, string authority, IPAddress? from, IEnumerable<KeyValuePair<string, string>> fields)
    {
        var url = version is ProxyVersion.Http1Tls or ProxyVersion.Http2Tls ? proxy.Tls : proxy.Plain;
        var path = Path(protocol, authority);
        if (version is ProxyVersion.Http1 or ProxyVersion.Http1Tls)
        {
            var probe = await HttpProbe.ConnectAsync(url, proxy.CaFile, from);
            var lines = string.Concat(fields.Select(static field => $"{field.Key}: {field.Value}\r\n"));
            await probe.SendAsync($"GET {path} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\nCapsule-Protocol: ?1\r\n{lines}\r\n");
            return probe;
        }

        var connection = await Http2Probe.ConnectAsync(url, proxy.CaFile, from);
        return await connection.RequestAsync(
        [
            new(":method", "CONNECT"), new(":protocol", protocol), new(":scheme", url.Scheme), new(":path", path), new(":authority", url.Authority),
            new("capsule-protocol", "?1"), .. fields.Select(static field => KeyValuePair.Create(field.Key.ToLowerInvariant(), field.Value)),
        ]);
    }

    /// <summary>One whole request; its answer.</summary>
    public static async Task<HttpHead> AnswerAsync(
        ProxyProcess proxy, ProxyVersion version, string protocol, string authority, params IEnumerable<KeyValuePair<string, string>> fields)
    {
        await using var probe = await ConnectAsync(proxy, version, protocol, authority, fields);
        return await probe.ReadHeadAsync();
    }

    private static string Path(string protocol, string authority)
    {
        var colon = authority.LastIndexOf(':');
        var host = Uri.EscapeDataString(authority[..colon].Trim('[', ']'));
        return $"/.well-known/masque/{protocol["connect-".Length..]}/{host}/{authority[(colon + 1)..]}/";
    }
}
