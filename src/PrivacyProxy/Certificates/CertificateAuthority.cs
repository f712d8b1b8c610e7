using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PrivacyProxy.Certificates;

/// <summary>A throw-away certificate authority (ECDSA P-256): made at start, its key never leaves the process.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    /// <summary>The name of the file <see cref="WriteTo"/> makes.</summary>
    public const string FileName = "ca.pem";

    private const int SerialNumberSize = 16;
    private static readonly TimeSpan _backdated = TimeSpan.FromHours(1);
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(365);

    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The authority's certificate, with its private key.</summary>
    public X509Certificate2 Certificate => _certificate;

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

    /// <summary>Writes the authority's certificate (not its key) as PEM into a folder, made where missing; returns the path.</summary>
    /// <exception cref="IOException">The folder or file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or file may not be written.</exception>
    public string WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.GetFullPath(Path.Combine(folder, FileName));
        // Renamed into place: a client never reads half a certificate.
        var partial = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(partial, _certificate.ExportCertificatePem() + "\n");
        File.Move(partial, path, overwrite: true);
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
