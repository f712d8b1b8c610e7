using PrivacyPass.Issuance;
using PrivacyRelay.Upstream;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Issuance;

/// <summary>Token sources over HTTP, directly from each issuer: it sees who asks, but not what for.</summary>
internal sealed class IssuerTokenSources : ITokenSourceFactory, IDisposable
{
    private readonly HttpClient _http;
    private readonly List<IssuerClient> _issuers = [];

    public IssuerTokenSources(TrustPolicy trust) => _http = IssuerHttp.CreateClient(trust);

    public ITokenSource Create(Uri issuer)
    {
        var client = new IssuerClient(_http, IssuerDirectory.UrlOf(issuer));
        _issuers.Add(client);
        return new IssuerTokenSource(client);
    }

    public void Dispose()
    {
        foreach (var issuer in _issuers) issuer.Dispose();
        _http.Dispose();
    }
}
