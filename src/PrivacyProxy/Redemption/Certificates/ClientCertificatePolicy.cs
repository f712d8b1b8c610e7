using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Redemption.Certificates;

/// <summary>Says which certificates open tunnels. The handshake has proved that the client holds the key; here it is looked at what it is worth.</summary>
internal sealed class ClientCertificatePolicy
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ClientCertificateUse _use;
    private readonly FrozenSet<string> _thumbprints;
    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _intermediates = [];

    /// <param name="options">Valid ones.</param>
    public ClientCertificatePolicy(ClientCertificateOptions options)
    {
        _use = options.Use;
        _thumbprints = options.Thumbprints.Select(ClientCertificateOptions.Normal).ToFrozenSet(StringComparer.Ordinal);
        if (_use == ClientCertificateUse.Off) return;
        foreach (var certificate in options.Authorities.SelectMany(AuthorityFile.Read))
            (certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) ? _roots : _intermediates).Add(certificate);
    }

    /// <summary>Whether nothing else opens tunnels.</summary>
    public bool IsOnlyWay => _use == ClientCertificateUse.Required;

    /// <summary>What a certificate is worth; null where there is none to look at.</summary>
    public RedemptionResult? Check(PeerCertificate? peer, DateTimeOffset now)
    {
        if (peer is null || _use == ClientCertificateUse.Off) return null;
        // Asked anew for each request: a connection may outlive it.
        if (now.UtcDateTime < peer.Certificate.NotBefore.ToUniversalTime() || now.UtcDateTime > peer.Certificate.NotAfter.ToUniversalTime()) return RedemptionResult.CertificateExpired;
        if (peer.Remembered is Verdict verdict && verdict.Of == this) return verdict.Result;
        var result = Examine(peer, now);
        peer.Remembered = new Verdict(this, result);
        return result;
    }

    private RedemptionResult Examine(PeerCertificate peer, DateTimeOffset now)
    {
        if (!IsForClients(peer.Certificate)) return RedemptionResult.CertificateMisused;
        return _thumbprints.Contains(peer.Thumbprint) || IsOfAuthority(peer.Certificate, now) ? RedemptionResult.CertificateAccepted : RedemptionResult.CertificateUnknown;
    }

    private static bool IsForClients(X509Certificate2 certificate)
    {
        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages;
        if (usages is not null && !usages.Cast<Oid>().Any(static usage => usage.Value == ClientAuthentication)) return false;
        return certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is not { } key || key.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature);
    }

    private bool IsOfAuthority(X509Certificate2 certificate, DateTimeOffset now)
    {
        if (_roots.Count == 0) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_roots);
        chain.ChainPolicy.ExtraStore.AddRange(_intermediates);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        var isGood = chain.Build(certificate);
        foreach (var element in chain.ChainElements) element.Certificate.Dispose();
        return isGood;
    }

    private sealed record Verdict(ClientCertificatePolicy Of, RedemptionResult Result);
}
