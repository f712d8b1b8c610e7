using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PrivacyProxy.Certificates;
using PrivacyProxy.Commands.Services;

namespace PrivacyProxy.Commands.Attester;

/// <summary>The certificate by which an issuer knows the attester.</summary>
internal static class AttesterIdentity
{
    private const string FileName = "client.pem";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(3650);

    /// <summary>That of the settings, or one of its own, made at the first start: issuers list its thumbprint, so it stays.</summary>
    /// <exception cref="Configuration.InvalidConfigurationException">A file cannot be read or written.</exception>
    public static X509Certificate2 Load(AttesterSettings settings)
    {
        if (settings.Issuer.Certificate is { } file) return ServerCertificate.Load(file, settings.Issuer.CertificateKey, $"{AttesterSettings.Section}:{nameof(AttesterSettings.Issuer)}").Leaf;
        var own = Path.Combine(settings.Data, FileName);
        ServiceHosting.CreateData(settings, AttesterSettings.Section);
        ServiceHosting.Use(settings, AttesterSettings.Section, _ =>
        {
            if (!File.Exists(own)) OwnFiles.Write(own, Create(), OwnFiles.PrivateFile);
        });
        return ServerCertificate.Load(own, null, $"{AttesterSettings.Section}:{nameof(AttesterSettings.Issuer)}").Leaf;
    }

    private static string Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=attester", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], critical: false));
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now + _lifetime);
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }
}
