using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PrivacyProxy.Recording.Instruments;
using TransparencyLog.Proofs;

namespace PrivacyProxy.Redemption.Auditing;

/// <summary>What the audits of issuers' directories found, for metrics.</summary>
internal sealed class AuditFindings
{
    private readonly ConcurrentDictionary<string, bool> _isAudited = new(StringComparer.Ordinal);
    private readonly CounterFamily _refusals;

    public AuditFindings(ProxyMeter meter)
    {
        _refusals = meter.Counter("privacy_proxy_issuer_audit_refusals_total", "Directories of issuers whose keys are not used since they are not audited, by reason.", "issuer", "reason");
        meter.ObservedGauge("privacy_proxy_issuer_audited", null, "1 while the directory that the issuer shows is audited, 0 while it is refused; absent where no auditors are asked for.", Read, "issuer");
    }

    public void Note(string issuer, ProofFault fault)
    {
        _isAudited[issuer] = fault == ProofFault.None;
        if (fault != ProofFault.None) _refusals.Increment(issuer, Label(fault));
    }

    public void Forget(string issuer) => _isAudited.TryRemove(issuer, out _);

    private static string Label(ProofFault fault) => fault switch
    {
        ProofFault.Malformed => "malformed",
        ProofFault.OtherLog => "other_log",
        ProofFault.NotSigned => "not_signed",
        ProofFault.BadCosignature => "bad_cosignature",
        ProofFault.TooFewCosigners => "too_few_cosigners",
        ProofFault.Stale => "stale",
        ProofFault.NotIncluded => "not_included",
        ProofFault.NotLogged => "not_logged",
        _ => "unreachable",
    };

    private IEnumerable<Measurement<int>> Read() => _isAudited.Select(static issuer => new Measurement<int>(issuer.Value ? 1 : 0, new KeyValuePair<string, object?>("issuer", issuer.Key)));
}
