using System.Net.Security;
using System.Net.Sockets;

namespace PrivacyProxy.LoadTests.Clients;

/// <summary>TCP, and TLS where it is asked for.</summary>
internal static class ClientTls
{
    /// <summary>The stream owns the socket.</summary>
    public static async ValueTask<(Socket Socket, Stream Stream)> ConnectAsync(ProxyAddress proxy, SslApplicationProtocol version, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(proxy.Host, proxy.Port, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            if (!proxy.Tls) return (socket, stream);
            var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(Options(proxy.Host, version), cancellationToken);
            // A server without ALPN speaks HTTP/1.1, and no other.
            if (version == SslApplicationProtocol.Http2 && tls.NegotiatedApplicationProtocol != version) throw new IOException("The proxy does not speak HTTP/2 over TLS.");
            return (socket, tls);
        }
        catch (System.Security.Authentication.AuthenticationException e)
        {
            socket.Dispose();
            throw new IOException("TLS with the proxy failed.", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Options(string host, SslApplicationProtocol version) => new()
    {
        TargetHost = host,
        ApplicationProtocols = [version],
        // Each connection is a new client's.
        AllowTlsResume = false,
        // Whom we talk to is not what is measured.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };
}
