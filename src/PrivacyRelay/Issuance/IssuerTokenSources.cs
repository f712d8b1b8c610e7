using PrivacyPass.Issuance;
using PrivacyRelay.Upstream;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Issuance;

/// <summary>Token sources over HTTP, directly from each issuer: it sees who asks, but not what for.</summary>
internal sealed class IssuerTokenSources : ITokenSourceFactory, IDisposable
{
    private readonly HttpClient _http;
    private readonly List<IssuerClient> _issuers = [];

    public IssuerTokenSources(TrustPolicy trust)
    {
        var handler = new SocketsHttpHandler
        {
            // The environment's proxy may be this very relay.
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        handler.SslOptions.RemoteCertificateValidationCallback = trust.Accepts;
        _http = new HttpClient(handler);
    }

    public ITokenSource Create(Uri issuer)
    {
        var client = new IssuerClient(_http, DirectoryOf(issuer));
        _issuers.Add(client);
        return new IssuerTokenSource(client);
    }

    public void Dispose()
    {
        foreach (var issuer in _issuers) issuer.Dispose();
        _http.Dispose();
    }

    /// <summary>A URL without a path means the well-known one (RFC 9578, section 4).</summary>
    private static Uri DirectoryOf(Uri issuer) =>
        issuer.AbsolutePath == "/" ? new Uri(issuer, IssuerDirectory.WellKnownPath) : issuer;
}
