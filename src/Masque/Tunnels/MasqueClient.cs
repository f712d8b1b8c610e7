using System.Net;
using System.Net.Http.Headers;
using Masque.Templates;

namespace Masque.Tunnels;

/// <summary>
/// Opens tunnels at a proxy with the HTTP client you have: by extended CONNECT on HTTP/2 (RFC 8441), many on one connection, or by Upgrade on
/// HTTP/1.1, each on its own.
/// </summary>
public static class MasqueClient
{
    /// <summary>Opens a tunnel for UDP.</summary>
    /// <param name="http">Sends the request; it must neither buffer nor time out answers: <c>new HttpMessageInvoker(new SocketsHttpHandler())</c>.</param>
    /// <param name="proxy">The proxy, such as https://proxy.example; its tunnels are at the default place (RFC 9298, section 2).</param>
    /// <param name="host">The target: a name, or an address without brackets.</param>
    /// <param name="port">Its port.</param>
    /// <param name="configure">Adds fields to the request, such as Authorization; null for none.</param>
    /// <param name="version">2.0, or 1.1; null for 2.0.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpRequestException">The proxy cannot be reached, or opens no tunnel: then <see cref="HttpRequestException.StatusCode"/> is its answer.</exception>
    public static async Task<UdpTunnel> OpenUdpAsync(
        HttpMessageInvoker http, Uri proxy, string host, int port, Action<HttpRequestHeaders>? configure = null, Version? version = null, CancellationToken cancellationToken = default) =>
        new(await OpenAsync(http, proxy, MasqueTemplates.ConnectUdp, MasqueTemplates.DefaultUdp, host, port, configure, version, cancellationToken));

    /// <summary>Opens a tunnel for TCP; as <see cref="OpenUdpAsync"/>.</summary>
    /// <exception cref="HttpRequestException">The proxy cannot be reached, or opens no tunnel: then <see cref="HttpRequestException.StatusCode"/> is its answer.</exception>
    public static async Task<TcpTunnel> OpenTcpAsync(
        HttpMessageInvoker http, Uri proxy, string host, int port, Action<HttpRequestHeaders>? configure = null, Version? version = null, CancellationToken cancellationToken = default) =>
        new(await OpenAsync(http, proxy, MasqueTemplates.ConnectTcp, MasqueTemplates.DefaultTcp, host, port, configure, version, cancellationToken));

    private static async Task<Stream> OpenAsync(
        HttpMessageInvoker http, Uri proxy, string protocol, string place, string host, int port, Action<HttpRequestHeaders>? configure, Version? version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(proxy);
        version ??= HttpVersion.Version20;
        var isUpgrade = version.Major == 1;
        var template = TargetTemplate.TryParse(place, out var parsed) ? parsed : throw new InvalidOperationException("The default place is no template.");
        using var request = new HttpRequestMessage(isUpgrade ? HttpMethod.Get : HttpMethod.Connect, new Uri(proxy, template.Expand(host, port)))
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (isUpgrade)
        {
            request.Headers.Connection.Add("Upgrade");
            request.Headers.Upgrade.Add(new ProductHeaderValue(protocol));
        }
        else
        {
            request.Headers.Protocol = protocol;
        }

        request.Headers.TryAddWithoutValidation(CapsuleProtocolField.Name, CapsuleProtocolField.Value);
        configure?.Invoke(request.Headers);
        var response = await http.SendAsync(request, cancellationToken);
        if (response.StatusCode == (isUpgrade ? HttpStatusCode.SwitchingProtocols : HttpStatusCode.OK)) return new ResponseStream(response, await response.Content.ReadAsStreamAsync(cancellationToken));
        response.Dispose();
        throw new HttpRequestException($"The proxy answered {(int)response.StatusCode} and opened no tunnel.", inner: null, response.StatusCode);
    }
}
