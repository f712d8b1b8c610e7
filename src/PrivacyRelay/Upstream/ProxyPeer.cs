using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using PrivacyRelay.Streams;
using Tunneling.SslStreams;

namespace PrivacyRelay.Upstream;

/// <summary>One proxy: where it is, how to reach it, and what it is told beyond the destination.</summary>
/// <param name="proxy">Where.</param>
/// <param name="trust">Whose certificates are good.</param>
/// <param name="geohash">Where it shall leave; null for anywhere.</param>
/// <param name="notice">Told of each certificate; null for nobody.</param>
/// <param name="certificate">Shown to it; null for none.</param>
/// <param name="place">Where it shall leave when <paramref name="geohash"/> does not say; null for anywhere.</param>
internal sealed class ProxyPeer(Uri proxy, TrustPolicy trust, string? geohash, TrustNotice? notice = null, SslStreamCertificateContext? certificate = null, ToldPlace? place = null)
{
    public Uri Proxy { get; } = proxy;

    /// <summary>Sent as sec-ch-geohash; null for none.</summary>
    public string? Geohash => geohash ?? place?.Hint;

    /// <summary>The proxy as the destination of the hop before it.</summary>
    public Destination Destination { get; } = Destination.Create(proxy.IdnHost, proxy.Port) ?? throw new ArgumentException("The proxy has no valid host.", nameof(proxy));

    public bool HasTls => Proxy.Scheme != Uri.UriSchemeHttp;

    /// <summary>A TCP connection to it; the caller disposes it.</summary>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public async ValueTask<DuplexStream> DialAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(Proxy.IdnHost.Trim('[', ']'), Proxy.Port), cancellationToken);
            return DuplexStream.Over(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>TLS for HTTP/1.1 where its URL says https, over a stream that reaches it and is disposed when that fails.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Its certificate is not trusted, or TLS fails.</exception>
    public async ValueTask<DuplexStream> SecureAsync(DuplexStream carrier, CancellationToken cancellationToken) =>
        HasTls ? DuplexStream.Over(await AuthenticateAsync(carrier, [SslApplicationProtocol.Http11], cancellationToken), carrier) : carrier;

    /// <summary>TLS for one of some versions of HTTP, over a stream that is disposed when that fails.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Its certificate is not trusted, or TLS fails.</exception>
    public async ValueTask<SslStream> AuthenticateAsync(DuplexStream carrier, List<SslApplicationProtocol> versions, CancellationToken cancellationToken)
    {
        var tls = new HalfClosingSslStream(carrier);
        try
        {
            await tls.AuthenticateAsClientAsync(TlsOptions(versions), cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to greet it in TLS, and whom to trust.</summary>
    public SslClientAuthenticationOptions TlsOptions(List<SslApplicationProtocol> versions) => new()
    {
        TargetHost = Proxy.IdnHost,
        ApplicationProtocols = versions,
        RemoteCertificateValidationCallback = Accepts,
        ClientCertificateContext = certificate,
    };

    private bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var accepts = trust.Accepts(sender, certificate, chain, errors);
        if (accepts) notice?.Trusted();
        else notice?.Untrusted(chain, errors);
        return accepts;
    }
}
