using Microsoft.Extensions.Logging;
using PrivacyPass.Issuance;
using PrivacyRelay.Configuration;
using PrivacyRelay.Upstream;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Issuance;

/// <summary>Token sources over HTTP, directly from each issuer: it sees who asks, but not what for.</summary>
internal sealed partial class IssuerTokenSources : ITokenSourceFactory, IDisposable
{
    private readonly HttpClient _http;
    private readonly ILogger _logger;
    private readonly List<IssuerClient> _issuers = [];
    private readonly IReadOnlyList<IssuerLogOptions> _logs;

    /// <param name="trust">Whom to trust for issuers and their logs.</param>
    /// <param name="logger">Told of what cannot be used.</param>
    /// <param name="logs">The issuers whose keys are used only if they are audited.</param>
    public IssuerTokenSources(TrustPolicy trust, ILogger<IssuerTokenSources> logger, IReadOnlyList<IssuerLogOptions>? logs = null) =>
        (_http, _logger, _logs) = (IssuerHttp.CreateClient(trust), logger, logs ?? []);

    public ITokenSource Create(Uri issuer, string? keyFile)
    {
        var url = IssuerDirectory.UrlOf(issuer);
        var audit = _logs.FirstOrDefault(log => log.Issuer == issuer) is { } asked ? new DirectoryAudit(_http, url, asked.Trust, asked.Url, TimeProvider.System) : null;
        var client = new IssuerClient(_http, url, skipped: key => LogSkipped(url, key.Index, key.Problem), audit: audit);
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
