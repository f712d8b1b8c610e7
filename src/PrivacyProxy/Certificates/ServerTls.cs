using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using PrivacyProxy.Configuration;
using Tunneling.Tls;

namespace PrivacyProxy.Certificates;

/// <summary>TLS of https listeners, the same whatever serves them; the certificate is replaced while they run.</summary>
internal sealed class ServerTls : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly bool _asksClients;
    /// <summary>Made when first asked for: it reads all authorities of the system, for which event loops have no use.</summary>
    private volatile Lazy<SslStreamCertificateContext> _kestrels;
    private ServerCertificate _certificate;
    private TlsServerContext? _context;

    /// <param name="certificate">What listeners show.</param>
    /// <param name="asksClients">Asks clients for a certificate, and takes any, or none: who may do what is decided later.</param>
    /// <exception cref="InvalidConfigurationException">It is not for servers.</exception>
    public ServerTls(ServerCertificate certificate, bool asksClients = false)
    {
        (_certificate, _asksClients) = (certificate, asksClients);
        _kestrels = ContextOf(certificate);
    }

    /// <summary>From the first byte, or from accepting where none comes, to the end of a handshake.</summary>
    public static TimeSpan HandshakeTimeout { get; } = TimeSpan.FromSeconds(10);

    /// <summary>For a listener of Kestrel's without QUIC, for which it does not allow such options.</summary>
    public HttpsConnectionAdapterOptions ForKestrel() => new()
    {
        ClientCertificateMode = _asksClients ? ClientCertificateMode.AllowCertificate : ClientCertificateMode.NoCertificate,
        ClientCertificateValidation = _asksClients ? static (_, _, _) => true : null,
        ServerCertificate = _certificate.Leaf,
        ServerCertificateChain = _certificate.Chain,
        HandshakeTimeout = HandshakeTimeout,
        OnAuthenticate = (_, options) => options.ServerCertificateContext = _kestrels.Value,
    };

    /// <summary>For a listener of Kestrel's with QUIC. On TCP its gauge of handshakes under way loses count of those that fail before their first message is whole.</summary>
    [SuppressMessage("Security", "CA5359", Justification = "They are clients' certificates: what each is worth is decided with each request.")]
    public TlsHandshakeCallbackOptions ForQuic() => new()
    {
        HandshakeTimeout = HandshakeTimeout,
        OnConnection = _ => new(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _kestrels.Value,
            // Asked for; whether one comes, and which, is for the callback.
            ClientCertificateRequired = _asksClients,
            RemoteCertificateValidationCallback = _asksClients ? static (_, _, _, _) => true : null,
        }),
    };

    /// <summary>For listeners on event loops, which share it. To be asked before the first <see cref="Prepare"/>.</summary>
    /// <exception cref="InvalidConfigurationException">OpenSSL refuses the certificate.</exception>
    public TlsServerContext ForLoops() => _context ??= OpenSsl(_certificate);

    /// <summary>Looks whether another certificate can be shown; what is returned shows it to connections from then on, open ones keep theirs.</summary>
    /// <exception cref="InvalidConfigurationException">It is not for servers, or OpenSSL refuses it.</exception>
    public Action Prepare(ServerCertificate certificate)
    {
        var next = ContextOf(certificate);
        if (_kestrels.IsValueCreated) _ = next.Value;
        // Tried on a context of its own, so that nothing is left to fail.
        if (_context is not null) OpenSsl(certificate).Dispose();
        return () =>
        {
            _context?.Use(Native(certificate));
            _certificate = certificate;
            _kestrels = next;
        };
    }

    public void Dispose() => _context?.Dispose();

    private TlsServerOptions NativeOptions => new() { ClientCertificates = _asksClients ? ClientCertificates.Optional : ClientCertificates.None, AdmitInvalidClientCertificates = _asksClients };

    private static TlsCertificate Native(ServerCertificate certificate) => TlsCertificate.From(certificate.Leaf, certificate.Chain);

    private static Lazy<SslStreamCertificateContext> ContextOf(ServerCertificate certificate)
    {
        var usages = certificate.Leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages;
        if (usages is not null && !usages.Cast<Oid>().Any(static usage => usage.Value == ServerAuthentication)) throw Unusable(certificate, "a certificate for servers, by its extended key usage");
        return new Lazy<SslStreamCertificateContext>(() => SslStreamCertificateContext.Create(certificate.Leaf, certificate.Chain));
    }

    private TlsServerContext OpenSsl(ServerCertificate certificate)
    {
        try
        {
            return new TlsServerContext(NativeOptions, Native(certificate));
        }
        catch (Exception exception) when (exception is CryptographicException or TlsCertificateException)
        {
            throw Unusable(certificate, $"a certificate that OpenSSL takes ({exception.Message.TrimEnd('.')})");
        }
    }

    private static InvalidConfigurationException Unusable(ServerCertificate certificate, string expected) => new(certificate.Setting, certificate.File, expected);
}
