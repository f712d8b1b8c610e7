using Microsoft.Extensions.Logging;
using PrivacyPass.Issuance;
using PrivacyRelay.Upstream;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Issuance;

/// <summary>Token sources over HTTP, directly from each issuer: it sees who asks, but not what for.</summary>
internal sealed partial class IssuerTokenSources : ITokenSourceFactory, IDisposable
{
    private readonly HttpClient _http;
    private readonly ILogger _logger;
    private readonly List<IssuerClient> _issuers = [];

    public IssuerTokenSources(TrustPolicy trust, ILogger<IssuerTokenSources> logger) => (_http, _logger) = (IssuerHttp.CreateClient(trust), logger);

    public ITokenSource Create(Uri issuer, string? keyFile)
    {
        var url = IssuerDirectory.UrlOf(issuer);
        var client = new IssuerClient(_http, url, skipped: key => LogSkipped(url, key.Index, key.Problem));
        _issuers.Add(client);
        return new IssuerTokenSource(client, keyFile);
    }

    public void Dispose()
    {
        foreach (var issuer in _issuers) issuer.Dispose();
        _http.Dispose();
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Warning, Message = "{Directory}: entry {Index} of token-keys is skipped, {Problem}")]
    private partial void LogSkipped(Uri directory, int index, string problem);
}
