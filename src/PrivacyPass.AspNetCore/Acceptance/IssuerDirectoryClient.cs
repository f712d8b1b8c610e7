using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Acceptance;

/// <summary>Fetches an issuer's directory: bounded in time and size.</summary>
internal sealed class IssuerDirectoryClient : IDisposable
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    private readonly Uri _url;
    private readonly HttpClient _client;

    /// <param name="url">The directory's URL.</param>
    /// <param name="authorityFile">A PEM file of the only authorities to trust, or null for the system's.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The file holds no certificates.</exception>
    public IssuerDirectoryClient(Uri url, string? authorityFile)
    {
        _url = url;
        // What opens tunnels itself reaches issuers itself; a proxy from the environment would be in the way unseen.
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = _timeout };
        if (authorityFile is not null) handler.SslOptions = Trusting(authorityFile);
        _client = new HttpClient(handler) { Timeout = _timeout, MaxResponseContentBufferSize = IssuerDirectory.MaxSize };
        _client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/private-token-issuer-directory"));
    }

    /// <summary>The directory, its bytes, and for how long it may be kept.</summary>
    /// <exception cref="IssuerDirectoryException">It cannot be had, or is not a directory; the message says why.</exception>
    public async Task<(IssuerDirectory Directory, byte[] Body, TimeSpan? MaxAge)> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(_url, cancellationToken);
            if (!response.IsSuccessStatusCode) throw new IssuerDirectoryException($"status {(int)response.StatusCode}");
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var error = IssuerDirectory.TryParse(body, out var directory);
            return directory is null ? throw new IssuerDirectoryException($"not a directory: {error}") : (directory, body, response.Headers.CacheControl?.MaxAge);
        }
        catch (HttpRequestException exception)
        {
            throw new IssuerDirectoryException(exception.GetBaseException().Message, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IssuerDirectoryException("timed out", exception);
        }
    }

    public void Dispose() => _client.Dispose();

    private static SslClientAuthenticationOptions Trusting(string authorityFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(IssuerRules.Authorities(authorityFile));
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }
}
