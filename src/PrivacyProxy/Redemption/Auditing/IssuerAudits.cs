using PrivacyProxy.KeyLogs;
using PrivacyProxy.Redemption.Keys;

namespace PrivacyProxy.Redemption.Auditing;

/// <summary>Makes the audit of an issuer.</summary>
internal sealed class IssuerAudits(SeenDirectories seen, AuditFindings findings, TimeProvider time)
{
    /// <summary>The caller disposes it.</summary>
    public IssuerAudit Of(IssuerOptions issuer) => new(issuer, seen, findings, time);
}
