using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyPass.SpentTokens.Memcached.Wire;

/// <summary>TLS over another transport, so that its reader too wakes by itself.</summary>
internal sealed class TlsTransport : MemcachedTransport
{
    private readonly MemcachedTransport _inner;
    private readonly SslStream _stream;

    private TlsTransport(MemcachedTransport inner) => (_inner, _stream) = (inner, new SslStream(new TransportStream(inner)));

    /// <summary>Blocks for the handshake; <see cref="MemcachedTransport.Abort"/> of the inner transport ends it early.</summary>
    public static TlsTransport Authenticate(MemcachedTransport inner, MemcachedTls tls, string host)
    {
        var transport = new TlsTransport(inner);
        transport._stream.AuthenticateAsClient(Options(tls, host));
        return transport;
    }

    public override int Receive(Span<byte> buffer) => _stream.Read(buffer);

    public override ValueTask SendAsync(ReadOnlyMemory<byte> batch) => _stream.WriteAsync(batch);

    public override void Abort() => _inner.Abort();

    public override void Dispose() => _stream.Dispose();

    private static SslClientAuthenticationOptions Options(MemcachedTls tls, string host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = tls.ServerName ?? host };
        if (tls.ClientCertificate is { } certificate) options.ClientCertificates = [certificate];
        if (tls.Authorities is { } authorities)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }
}
