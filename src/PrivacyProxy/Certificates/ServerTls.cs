using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using PrivacyProxy.Configuration;
using Tunneling.Tls;

namespace PrivacyProxy.Certificates;

/// <summary>TLS of https listeners, the same whatever serves them.</summary>
/// <param name="certificate">What they show.</param>
/// <param name="file">Where it is from, for errors; null for one that was made.</param>
internal sealed class ServerTls(ServerCertificate certificate, string? file = null) : IDisposable
{
    private TlsServerContext? _context;

    /// <summary>From the first byte, or from accepting where none comes, to the end of a handshake.</summary>
    public static TimeSpan HandshakeTimeout { get; } = TimeSpan.FromSeconds(10);

    /// <summary>For a listener of Kestrel's.</summary>
    public HttpsConnectionAdapterOptions ForKestrel() =>
        new() { ServerCertificate = certificate.Leaf, ServerCertificateChain = certificate.Chain, HandshakeTimeout = HandshakeTimeout };

    /// <summary>For listeners on event loops, which share it.</summary>
    /// <exception cref="InvalidConfigurationException">OpenSSL refuses the certificate.</exception>
    public TlsServerContext ForLoops()
    {
        if (_context is not null) return _context;
        try
        {
            return _context = new TlsServerContext(new TlsServerOptions(), TlsCertificate.From(certificate.Leaf, certificate.Chain));
        }
        catch (Exception exception) when (exception is CryptographicException or TlsCertificateException)
        {
            throw new InvalidConfigurationException(
                $"{TlsOptions.Section}:{nameof(TlsOptions.Certificate)}", file ?? "", $"a certificate that OpenSSL takes ({exception.Message.TrimEnd('.')})");
        }
    }

    public void Dispose() => _context?.Dispose();
}
