using PrivacyPass.Issuance;
using TransparencyLog.Proofs;
using TransparencyLog.Reading;

namespace PrivacyRelay.Issuance;

/// <summary>Whether auditors have seen an issuer's directory too, asked once for each version before a key of it is used.</summary>
internal sealed class DirectoryAudit
{
    private readonly string _issuer;
    private readonly AuditedLog _log;

    /// <param name="http">Reads the log.</param>
    /// <param name="directoryUrl">Where the directory is.</param>
    /// <param name="trust">Which log, and whose cosignatures.</param>
    /// <param name="logUrl">Where the log is; null for beside the directory.</param>
    /// <param name="time">The clock that cosignatures are too old by.</param>
    public DirectoryAudit(HttpClient http, Uri directoryUrl, LogTrust trust, Uri? logUrl, TimeProvider time)
    {
        _issuer = IssuerDirectoryLog.IssuerOf(trust.Log.Name) ?? directoryUrl.Authority;
        _log = new AuditedLog(new LogReader(http, logUrl ?? IssuerDirectoryLog.UrlOf(directoryUrl)), trust, time);
    }

    public Task<AuditAnswer> CheckAsync(byte[] directory, CancellationToken cancellationToken) => _log.CheckAsync(IssuerDirectoryLog.EncodeEntry(_issuer, directory), cancellationToken);
}
