using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream;

/// <summary>How to speak to one proxy: TLS, CONNECT, the answer.</summary>
internal sealed class ProxyPeer(Uri proxy, TrustPolicy trust, string? geohash)
{
    /// <summary>Larger than any head with a handful of challenges.</summary>
    private const int MaxResponseHead = 32 * 1024;

    public Uri Proxy { get; } = proxy;

    /// <summary>The proxy as the destination of the hop before it.</summary>
    public Destination Destination { get; } = Destination.Create(proxy.IdnHost, proxy.Port) ?? throw new ArgumentException("The proxy has no valid host.", nameof(proxy));

    /// <summary>A TCP connection to it; the caller disposes it.</summary>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public async ValueTask<Socket> DialAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(Proxy.IdnHost.Trim('[', ']'), Proxy.Port), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>TLS to the proxy where its URL says https, over a stream that reaches it.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">Its certificate is not trusted, or TLS fails.</exception>
    public async ValueTask<DuplexStream> SecureAsync(Stream stream, Socket socket, CancellationToken cancellationToken)
    {
        if (Proxy.Scheme == Uri.UriSchemeHttp) return new DuplexStream(stream, socket);
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = Proxy.IdnHost,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = trust.Accepts,
            },
            cancellationToken);
        return new DuplexStream(tls, socket);
    }

    /// <summary>Sends one CONNECT and reads the answer's head; what follows it belongs to the tunnel.</summary>
    /// <exception cref="TunnelException">The proxy closed the connection or did not answer with HTTP/1.1.</exception>
    public async ValueTask<ConnectResponse> ConnectAsync(DuplexStream stream, Destination destination, HopAuthorization authorization, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Request(destination, authorization)), cancellationToken);
        ConnectResponse? response;
        do
        {
            var head = await stream.ReadHeadAsync(MaxResponseHead, cancellationToken)
                ?? throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy closed the connection without an answer.");
            response = ConnectResponse.Parse(head) ?? throw new TunnelException(TunnelError.ProxyUnreachable, "The proxy did not answer with HTTP/1.1.");
        }
        while (response.Status < 200);
        return response;
    }

    private string Request(Destination destination, HopAuthorization authorization)
    {
        var request = new StringBuilder("CONNECT ").Append(destination.Authority).Append(" HTTP/1.1\r\nHost: ").Append(destination.Authority).Append("\r\n");
        if (authorization.Field is not null) request.Append("Proxy-Authorization: ").Append(authorization.Field).Append("\r\n");
        if (geohash is not null) request.Append("sec-ch-geohash: ").Append(geohash).Append("\r\n");
        return request.Append("\r\n").ToString();
    }
}
