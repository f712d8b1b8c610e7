using System.Net;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>Sends CONNECT over any version.</summary>
internal static class TunnelProbe
{
    /// <summary>Sends the request, and with it bytes that do not wait for the answer; from a loopback address of choice.</summary>
    public static async Task<ITunnelProbe> ConnectAsync(
        ProxyProcess proxy, ProxyVersion version, string authority, IEnumerable<KeyValuePair<string, string>> fields, string early = "", IPAddress? from = null)
    {
        var url = version is ProxyVersion.Http1Tls or ProxyVersion.Http2Tls ? proxy.Tls : proxy.Plain;
        if (version is ProxyVersion.Http1 or ProxyVersion.Http1Tls)
        {
            var probe = await HttpProbe.ConnectAsync(url, proxy.CaFile, from);
            await probe.SendAsync(HttpProbe.ConnectHead(authority, [.. fields.Select(field => $"{field.Key}: {field.Value}")]) + early);
            return probe;
        }

        var connection = await Http2Probe.ConnectAsync(url, proxy.CaFile, from);
        var stream = await connection.ConnectAsync(authority, [.. fields.Select(field => KeyValuePair.Create(field.Key.ToLowerInvariant(), field.Value))]);
        if (early.Length > 0) await stream.SendAsync(early);
        return stream;
    }

    /// <summary>Opens a tunnel; fails unless the answer is 200.</summary>
    public static async Task<ITunnelProbe> OpenAsync(ProxyProcess proxy, ProxyVersion version, string authority, string authorization)
    {
        var probe = await ConnectAsync(proxy, version, authority, [Credentials.Field(authorization)]);
        var head = await probe.ReadHeadAsync();
        Assert.Equal(200, head.Status);
        return probe;
    }

    /// <summary>One whole request; its answer.</summary>
    public static async Task<HttpHead> AnswerAsync(ProxyProcess proxy, ProxyVersion version, string authority, params IEnumerable<KeyValuePair<string, string>> fields)
    {
        await using var probe = await ConnectAsync(proxy, version, authority, fields);
        return await probe.ReadHeadAsync();
    }
}
