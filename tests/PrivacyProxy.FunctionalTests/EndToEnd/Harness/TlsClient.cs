using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Tunneling.SslStreams;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>TLS towards the proxy, trusting its own CA only.</summary>
internal static class TlsClient
{
    public static async Task<SslStream> AuthenticateAsync(Stream stream, string host, string caFile, SslApplicationProtocol protocol)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(caFile);
        var tls = new HalfClosingSslStream(stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ApplicationProtocols = [protocol],
            CertificateChainPolicy = trust,
        });
        if (tls.NegotiatedApplicationProtocol != protocol) throw new IOException($"The proxy chose '{tls.NegotiatedApplicationProtocol}'.");
        return tls;
    }
}
