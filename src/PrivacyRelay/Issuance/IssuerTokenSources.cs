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
    private readonly List<HttpClient> _known = [];
    private readonly IReadOnlyList<IssuerLogOptions> _logs;
    private readonly TokenMetadata? _metadata;
    private readonly TrustPolicy _trust;

    /// <param name="trust">Whom to trust for issuers and their logs.</param>
    /// <param name="logger">Told of what cannot be used.</param>
    /// <param name="logs">The issuers whose keys are used only if they are audited.</param>
    /// <param name="metadata">For tokens that carry some; null where those are not asked for.</param>
    public IssuerTokenSources(TrustPolicy trust, ILogger<IssuerTokenSources> logger, IReadOnlyList<IssuerLogOptions>? logs = null, TokenMetadata? metadata = null) =>
        (_http, _trust, _logger, _logs, _metadata) = (IssuerHttp.CreateClient(trust), trust, logger, logs ?? [], metadata);

    public ITokenSource Create(HopOptions hop)
    {
        var issuer = hop.Issuer!;
        var http = hop.IssuerCertificate is { } certificate ? Known(certificate) : _http;
        var url = IssuerDirectory.UrlOf(issuer);
        var audit = _logs.FirstOrDefault(log => log.Issuer == issuer) is { } asked ? new DirectoryAudit(http, url, asked.Trust, asked.Url, TimeProvider.System) : null;
        var client = new IssuerClient(http, url, skipped: key => LogSkipped(url, key.Index, key.Problem), audit: audit);
        _issuers.Add(client);
        return new IssuerTokenSource(client, hop.IssuerKeyFile, _metadata);
    }

    public void Dispose()
    {
        foreach (var issuer in _issuers) issuer.Dispose();
        foreach (var http in _known) http.Dispose();
        _http.Dispose();
    }

    private HttpClient Known(string certificate)
    {
        var http = IssuerHttp.CreateClient(_trust, ClientCertificateFile.Read(certificate));
        _known.Add(http);
        return http;
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Warning, Message = "{Directory}: entry {Index} of token-keys is skipped, {Problem}")]
    private partial void LogSkipped(Uri directory, int index, string problem);
}
