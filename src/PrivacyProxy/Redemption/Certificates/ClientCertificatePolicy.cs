using PrivacyPass.AspNetCore.Attestation;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption.Certificates;

/// <summary>Says which certificates open tunnels.</summary>
internal sealed class ClientCertificatePolicy
{
    private readonly ClientCertificateUse _use;
    private readonly ClientCertificateTrust _trust;

    /// <param name="options">Valid ones.</param>
    public ClientCertificatePolicy(ClientCertificateOptions options)
    {
        _use = options.Use;
        _trust = new ClientCertificateTrust(options.Thumbprints, _use == ClientCertificateUse.Off ? [] : options.Authorities.SelectMany(AuthorityFile.Read));
    }

    /// <summary>Whether nothing else opens tunnels.</summary>
    public bool IsOnlyWay => _use == ClientCertificateUse.Required;

    /// <summary>What a certificate is worth; null where there is none to look at.</summary>
    public RedemptionResult? Check(PeerCertificate? peer, DateTimeOffset now)
    {
        if (peer is null || _use == ClientCertificateUse.Off) return null;
        // Asked anew for each request: a connection may outlive it.
        if (!ClientCertificateTrust.IsInTime(peer.Certificate, now)) return RedemptionResult.CertificateExpired;
        if (peer.Remembered is Verdict verdict && verdict.Of == this) return verdict.Result;
        var result = _trust.Check(peer.Certificate, peer.Thumbprint, now) switch
        {
            CertificateStanding.Good => RedemptionResult.CertificateAccepted,
            CertificateStanding.Misused => RedemptionResult.CertificateMisused,
            CertificateStanding.Expired => RedemptionResult.CertificateExpired,
            _ => RedemptionResult.CertificateUnknown,
        };
        peer.Remembered = new Verdict(this, result);
        return result;
    }

    private sealed record Verdict(ClientCertificatePolicy Of, RedemptionResult Result);
}
