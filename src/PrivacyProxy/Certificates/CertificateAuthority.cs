using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.Certificates;

/// <summary>A throw-away certificate authority (ECDSA P-256): made at the first start, and kept in a folder with its key for those that follow.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    /// <summary>The name of the file <see cref="WriteTo"/> makes.</summary>
    public const string FileName = "ca.pem";

    /// <summary>The name of the file of its private key.</summary>
    public const string KeyFileName = "ca-key.pem";

    private const int SerialNumberSize = 16;
    private static readonly TimeSpan _backdated = TimeSpan.FromHours(1);
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(365);

    // With less left it would expire while the proxy runs.
    private static readonly TimeSpan _shortestRest = TimeSpan.FromDays(7);

    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The authority's certificate, with its private key.</summary>
    public X509Certificate2 Certificate => _certificate;

    /// <summary>The one kept in a folder, while it is valid and its key is nobody else's to read; else a new one, not yet written.</summary>
    /// <param name="name">The common name of a new one.</param>
    /// <param name="folder">Where <see cref="WriteTo"/> wrote.</param>
    public static CertificateAuthority LoadOrCreate(string name, string folder)
    {
        var (file, keyFile) = (Path.Combine(folder, FileName), Path.Combine(folder, KeyFileName));
        try
        {
            if (!OwnFiles.IsPrivate(keyFile) || !File.Exists(file)) return Create(name);
            var kept = X509Certificate2.CreateFromPemFile(file, keyFile);
            if (IsUsable(kept)) return new CertificateAuthority(kept);
            kept.Dispose();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            // Not ours, or damaged: a new one takes its place.
        }

        return Create(name);
    }

    private static bool IsUsable(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey();
        return key is not null
            && certificate.NotBefore <= DateTime.Now && certificate.NotAfter > DateTime.Now + _shortestRest
            && certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is { CertificateAuthority: true };
    }

    /// <param name="name">Its common name, such as "PrivacyProxy throw-away CA".</param>
    public static CertificateAuthority Create(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(DistinguishedName(name), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = DateTimeOffset.UtcNow;
        return new CertificateAuthority(request.CreateSelfSigned(now - _backdated, now + _lifetime));
    }

    /// <summary>A server certificate with its private key, for the host names and addresses given (at least one).</summary>
    public X509Certificate2 IssueServer(IEnumerable<string> hosts)
    {
        var names = hosts.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(DistinguishedName(names[0]), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(AlternativeNames(names));
        using var certificate = request.Create(_certificate, new DateTimeOffset(_certificate.NotBefore), new DateTimeOffset(_certificate.NotAfter), RandomNumberGenerator.GetBytes(SerialNumberSize));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Writes the authority's certificate as PEM into a folder, made where missing, and beside it its key, for its owner alone; returns the path of the certificate.</summary>
    /// <exception cref="IOException">The folder or file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or file may not be written.</exception>
    public string WriteTo(string folder)
    {
        OwnFiles.CreateFolder(folder, OwnFiles.PublicFolder);
        var path = Path.GetFullPath(Path.Combine(folder, FileName));
        using var key = _certificate.GetECDsaPrivateKey()!;
        OwnFiles.Write(Path.Combine(folder, KeyFileName), key.ExportPkcs8PrivateKeyPem() + "\n", OwnFiles.PrivateFile);
        OwnFiles.Write(path, _certificate.ExportCertificatePem() + "\n", OwnFiles.PublicFile);
        return path;
    }

    public void Dispose() => _certificate.Dispose();

    private static X509Extension AlternativeNames(List<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
        {
            if (IPAddress.TryParse(name, out var address)) builder.AddIpAddress(address);
            else builder.AddDnsName(name);
        }
        return builder.Build();
    }

    private static X500DistinguishedName DistinguishedName(string commonName)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(commonName);
        return builder.Build();
    }
}
