using System.Net;
using Masque;
using Masque.Templates;
using PrivacyProxy.LoadTests.Clients;
using PrivacyProxy.LoadTests.Clients.Http3;
using PrivacyProxy.LoadTests.Harness;

namespace PrivacyProxy.LoadTests.Udp;

/// <summary>Opens ways to the echo, all on one connection to the proxy.</summary>
internal sealed class UdpTunnels : IAsyncDisposable
{
    private static readonly TargetTemplate _template =
        TargetTemplate.TryParse(MasqueTemplates.DefaultUdp, out var template) ? template : throw new FormatException(MasqueTemplates.DefaultUdp);

    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly UdpSettings _settings;
    private readonly Uri _proxy;
    private readonly string _credential;
    private readonly IPEndPoint _echo;
    private readonly LossyPath? _path;
    private readonly HttpClient? _http2;
    private readonly Http3Client? _http3;

    /// <param name="settings">What they are to be.</param>
    /// <param name="proxy">Where the proxy is.</param>
    /// <param name="credential">The value of Proxy-Authorization.</param>
    /// <param name="echo">Where they lead.</param>
    /// <exception cref="IOException">There is no QUIC here.</exception>
    public UdpTunnels(UdpSettings settings, Uri proxy, string credential, IPEndPoint echo)
    {
        (_settings, _proxy, _credential, _echo) = (settings, proxy, credential, echo);
        if (settings.HasPath) _path = new LossyPath(settings.Carrier == UdpCarrier.Bare ? echo : IPEndPoint.Parse(proxy.Authority), settings.Loss / 100, TimeSpan.FromMilliseconds(settings.Delay));
        if (settings.Carrier == UdpCarrier.Bare) return;
        if (settings.Http == 3) _http3 = new Http3Client(new ProxyAddress(proxy.Host, _path?.EndPoint.Port ?? proxy.Port, Tls: true), connections: 1, HasDatagrams, Http3Connection.PacketOf(settings.Size));
        else _http2 = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } }) { Timeout = _limit };
    }

    private bool HasDatagrams => _settings.Carrier == UdpCarrier.Datagrams;

    /// <exception cref="IOException">The proxy refused it.</exception>
    public async ValueTask<EchoTunnel> OpenAsync(CancellationToken cancellationToken)
    {
        if (_settings.Carrier == UdpCarrier.Bare) return new BareTunnel(_path?.EndPoint ?? _echo, _settings);
        var path = _template.Expand(_echo.Address.ToString(), _echo.Port);
        if (_http3 is null) return CapsuleTunnel.On(await AskAsync(path, cancellationToken), _settings);
        var tunnel = await _http3.OpenUdpAsync(path, _credential, cancellationToken);
        return HasDatagrams ? new DatagramTunnel(tunnel, _settings) : CapsuleTunnel.On(tunnel, _settings);
    }

    public async ValueTask DisposeAsync()
    {
        _http2?.Dispose();
        if (_http3 is not null) await _http3.DisposeAsync();
        _path?.Dispose();
    }

    private async Task<Stream> AskAsync(string path, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Connect, new Uri(_proxy, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Protocol = MasqueTemplates.ConnectUdp;
        request.Headers.TryAddWithoutValidation(CapsuleProtocolField.Name, CapsuleProtocolField.Value);
        request.Headers.TryAddWithoutValidation("Proxy-Authorization", _credential);
        var answer = await _http2!.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK) throw new IOException($"The proxy answered {(int)answer.StatusCode}.");
        return await answer.Content.ReadAsStreamAsync(cancellationToken);
    }
}
