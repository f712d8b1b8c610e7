using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.KeyLogs;

/// <summary>Clients for logs and auditors.</summary>
internal static class LogHttp
{
    /// <summary>A client that follows no redirects and knows no proxy of the environment; the caller disposes it.</summary>
    /// <param name="authorityFile">A PEM file of the only authorities to trust, or null for the system's.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="CryptographicException">It holds no certificates.</exception>
    public static HttpClient CreateClient(string? authorityFile)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null, ConnectTimeout = TimeSpan.FromSeconds(10), PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (authorityFile is not null)
        {
            X509Certificate2Collection authorities = [];
            authorities.ImportFromPemFile(authorityFile);
            if (authorities.Count == 0) throw new CryptographicException($"'{authorityFile}' holds no certificate.");
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        return new HttpClient(handler);
    }
}
