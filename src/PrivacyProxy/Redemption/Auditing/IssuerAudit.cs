using PrivacyPass.AspNetCore.Acceptance;
using PrivacyPass.Issuance;
using PrivacyProxy.KeyLogs;
using PrivacyProxy.Redemption.Keys;
using TransparencyLog.Reading;

namespace PrivacyProxy.Redemption.Auditing;

/// <summary>
/// What is asked about each version of an issuer's directory before its keys are used: whether auditors have seen it too. And it is noted that this proxy
/// was shown it. Only when a directory is fetched, never for a tunnel.
/// </summary>
internal sealed class IssuerAudit : IIssuerAudit
{
    private readonly string _name;
    private readonly SeenDirectories _seen;
    private readonly AuditFindings _findings;
    private readonly AuditedLog? _log;
    private readonly HttpClient? _http;

    public IssuerAudit(IssuerOptions options, SeenDirectories seen, AuditFindings findings, TimeProvider time)
    {
        (_seen, _findings) = (seen, findings);
        var trust = options.ToTrust();
        // As the issuer calls itself in its log.
        _name = (trust is null ? null : IssuerDirectoryLog.IssuerOf(trust.Log.Name)) ?? options.Name;
        if (trust is null || options.Directory is null) return;
        _http = LogHttp.CreateClient(options.CaFile);
        _log = new AuditedLog(new LogReader(_http, options.LogUrl is { } url ? new Uri(url) : IssuerDirectoryLog.UrlOf(new Uri(options.Directory))), trust, time);
    }

    public async Task<string?> CheckAsync(string issuer, byte[] directory, CancellationToken cancellationToken)
    {
        _seen.Append(_name, directory);
        if (_log is null) return null;
        var answer = await _log.CheckAsync(IssuerDirectoryLog.EncodeEntry(_name, directory), cancellationToken);
        _findings.Note(issuer, answer.Fault);
        return answer.IsGood ? null : $"the directory is not audited: {answer.Reason}";
    }

    public void Forget(string issuer) => _findings.Forget(issuer);

    public void Dispose() => _http?.Dispose();
}
