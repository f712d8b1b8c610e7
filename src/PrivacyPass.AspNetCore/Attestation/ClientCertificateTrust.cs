using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyPass.AspNetCore.Attestation;

/// <summary>Says what certificates of TLS clients are worth: the handshake has proved that the client holds the key.</summary>
internal sealed class ClientCertificateTrust
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const int ThumbprintLength = 64;

    private readonly FrozenSet<string> _thumbprints;
    private readonly X509Certificate2Collection _roots = [];
    private readonly X509Certificate2Collection _intermediates = [];

    /// <param name="thumbprints">SHA-256, of certificates that are good whoever made them.</param>
    /// <param name="authorities">Those whose certificates are good, and intermediate ones, which clients do not have to send.</param>
    public ClientCertificateTrust(IEnumerable<string> thumbprints, IEnumerable<X509Certificate2> authorities)
    {
        _thumbprints = thumbprints.Select(Normalize).ToFrozenSet(StringComparer.Ordinal);
        foreach (var certificate in authorities)
            (certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) ? _roots : _intermediates).Add(certificate);
    }

    public int Thumbprints => _thumbprints.Count;

    public int Authorities => _roots.Count;

    /// <summary>A thumbprint in capital hexadecimal digits, without colons.</summary>
    public static string Normalize(string thumbprint) => thumbprint.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>True for 64 hexadecimal digits, with or without colons.</summary>
    public static bool IsThumbprint(string text) => Normalize(text) is { Length: ThumbprintLength } hex && hex.All(char.IsAsciiHexDigit);

    /// <summary>SHA-256, as it is compared.</summary>
    public static string ThumbprintOf(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);

    public static bool IsInTime(X509Certificate2 certificate, DateTimeOffset now) =>
        now.UtcDateTime >= certificate.NotBefore.ToUniversalTime() && now.UtcDateTime <= certificate.NotAfter.ToUniversalTime();

    /// <summary>Whether it is one of those listed.</summary>
    public bool IsListed(string thumbprint) => _thumbprints.Contains(thumbprint);

    /// <summary>Looks at everything. Revocation is not checked.</summary>
    public CertificateStanding Check(X509Certificate2 certificate, string thumbprint, DateTimeOffset now)
    {
        if (!IsInTime(certificate, now)) return CertificateStanding.Expired;
        if (!IsForClients(certificate)) return CertificateStanding.Misused;
        return IsListed(thumbprint) || IsOfAuthority(certificate, now) ? CertificateStanding.Good : CertificateStanding.Unknown;
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
}

/// <summary>What a client's certificate is worth.</summary>
internal enum CertificateStanding
{
    /// <summary>It is listed, or of an authority of ours.</summary>
    Good,

    /// <summary>It is neither.</summary>
    Unknown,

    /// <summary>It is not for clients.</summary>
    Misused,

    /// <summary>It is not yet, or no longer, valid.</summary>
    Expired,
}
