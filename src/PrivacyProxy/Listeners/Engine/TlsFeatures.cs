using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Tunneling.Tls;

namespace PrivacyProxy.Listeners.Engine;

/// <summary>
/// What Kestrel's own TLS leaves on a connection: by it Kestrel knows that there is TLS already, which HTTP was chosen and that the scheme is https.
/// A copy of what the handshake agreed on, for the session is its loop's alone.
/// </summary>
internal sealed class TlsFeatures : ITlsConnectionFeature, ITlsHandshakeFeature, ITlsApplicationProtocolFeature
{
    private TlsFeatures(TlsSession session, X509Certificate2? certificate)
    {
        ClientCertificate = certificate;
        Version = session.Version;
        NegotiatedCipherSuite = session.CipherSuite;
        HostName = session.ServerName ?? "";
        ApplicationProtocol = session.Speaks(SslApplicationProtocol.Http2.Protocol.Span) ? SslApplicationProtocol.Http2.Protocol
            : session.ApplicationProtocol is null ? default : SslApplicationProtocol.Http11.Protocol;
    }

    public SslProtocols Protocol => IsTls13(Version) ? SslProtocols.Tls13 : SslProtocols.Tls12;

    private TlsVersion Version { get; }

    public TlsCipherSuite? NegotiatedCipherSuite { get; }

    public string HostName { get; }

    public ReadOnlyMemory<byte> ApplicationProtocol { get; }

    public X509Certificate2? ClientCertificate { get; set; }

    // Of the past: the suite says it all.
#pragma warning disable SYSLIB0058
    CipherAlgorithmType ITlsHandshakeFeature.CipherAlgorithm => CipherAlgorithmType.None;

    int ITlsHandshakeFeature.CipherStrength => 0;

    HashAlgorithmType ITlsHandshakeFeature.HashAlgorithm => HashAlgorithmType.None;

    int ITlsHandshakeFeature.HashStrength => 0;

    ExchangeAlgorithmType ITlsHandshakeFeature.KeyExchangeAlgorithm => ExchangeAlgorithmType.None;

    int ITlsHandshakeFeature.KeyExchangeStrength => 0;
#pragma warning restore SYSLIB0058

    /// <summary>Leaves them on a connection or a request; on its loop, with the handshake done.</summary>
    public static void Leave(IFeatureCollection of, TlsSession session, LoopPlace place)
    {
        var features = new TlsFeatures(session, place.Certificate?.Certificate);
        of.Set<ITlsConnectionFeature>(features);
        of.Set<ITlsHandshakeFeature>(features);
        of.Set<ITlsApplicationProtocolFeature>(features);
    }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);

    // Apart, or an analyzer takes the numbers of the wire for those of SslProtocols.
    private static bool IsTls13(TlsVersion version) => version == TlsVersion.Tls13;

    /// <summary>Connection middleware: the version in the metrics of the connection, as Kestrel's own TLS puts it there.</summary>
    public static ConnectionDelegate Tag(ConnectionDelegate next) => connection =>
    {
        if (connection.Features.Get<ITlsHandshakeFeature>() is TlsFeatures { Version: var version } && connection.Features.Get<IConnectionMetricsTagsFeature>() is { } metrics)
            metrics.Tags.Add(new("tls.protocol.version", HandshakeMetrics.VersionName(version)));
        return next(connection);
    };
}
