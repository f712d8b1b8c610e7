using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.Testing.Certificates;

/// <summary>An authority, and certificates that it signs.</summary>
internal sealed class TestAuthority
{
    private readonly X509Certificate2 _certificate;

    public TestAuthority(string name = "Test CA")
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-400), DateTimeOffset.UtcNow.AddDays(400));
    }

    private TestAuthority(X509Certificate2 certificate) => _certificate = certificate;

    public X509Certificate2 Certificate => _certificate;

    public string Pem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>An authority below this one.</summary>
    public TestAuthority Intermediate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = Sign(request, DateTimeOffset.UtcNow.AddDays(-300), DateTimeOffset.UtcNow.AddDays(300));
        return new TestAuthority(certificate.CopyWithPrivateKey(key));
    }

    /// <summary>A client's certificate that nobody else has signed.</summary>
    public static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256), ["client"], forClients: true).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    /// <summary>A client's certificate whose key may not sign, and so not prove that it is the client's.</summary>
    public X509Certificate2 IssueForEncryption()
    {
        using var key = RSA.Create(2048);
        var request = Request(new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), ["client"], forClients: true);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment, critical: true));
        using var certificate = Sign(request, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>A certificate with its key, for a server or a client.</summary>
    public X509Certificate2 Issue(IEnumerable<string>? names = null, bool rsa = false, bool expired = false, bool forClients = false, bool notYet = false)
    {
        var (from, to) = expired ? (-30, -1) : notYet ? (1, 30) : (-1, 30);
        return Issue(names, rsa, forClients, DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(to));
    }

    private X509Certificate2 Issue(IEnumerable<string>? names, bool rsa, bool forClients, DateTimeOffset from, DateTimeOffset to)
    {
        if (rsa)
        {
            using var key = RSA.Create(2048);
            using var certificate = Sign(Request(new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), names, forClients), from, to);
            return certificate.CopyWithPrivateKey(key);
        }
        else
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var certificate = Sign(Request(new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256), names, forClients), from, to);
            return certificate.CopyWithPrivateKey(key);
        }
    }

    private static CertificateRequest Request(CertificateRequest request, IEnumerable<string>? names, bool forClients)
    {
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names ?? ["localhost"]) alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(forClients ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
        return request;
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset from, DateTimeOffset to)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        return request.Create(_certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_certificate.GetECDsaPrivateKey()!), from, to, RandomNumberGenerator.GetBytes(16));
    }
}

/// <summary>Keys as PEM.</summary>
internal static class CertificatePem
{
    public static string KeyPem(this X509Certificate2 certificate) =>
        ((AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey())!.ExportPkcs8PrivateKeyPem() + "\n";
}
