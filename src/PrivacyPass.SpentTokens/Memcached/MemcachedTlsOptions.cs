using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PrivacyPass.SpentTokens.Memcached.Wire;

namespace PrivacyPass.SpentTokens.Memcached;

/// <summary>TLS to the memcached servers.</summary>
public sealed class MemcachedTlsOptions : IValidatableObject
{
    /// <summary>Whether connections to the servers are TLS.</summary>
    public bool Enabled { get; set; }

    /// <summary>A PEM file of the authorities to trust, instead of the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>The name the servers' certificates must bear; without it the host of each server.</summary>
    public string? ServerName { get; set; }

    /// <summary>A PEM file of the certificate the proxy shows, where the servers ask for one.</summary>
    public string? Certificate { get; set; }

    /// <summary>The PEM file of its private key; without it the key is in <see cref="Certificate"/>.</summary>
    public string? CertificateKey { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (CaFile is not null && Problem(() => Roots(CaFile)) is { } noRoots) yield return new ValidationResult($"a PEM file of certificates ({noRoots})", [nameof(CaFile)]);
        if (Certificate is not null && Problem(() => X509Certificate2.CreateFromPemFile(Certificate, CertificateKey).Dispose()) is { } noCertificate)
            yield return new ValidationResult($"a PEM file of a certificate with its private key ({noCertificate})", [nameof(Certificate)]);
        if (CertificateKey is not null && Certificate is null) yield return new ValidationResult($"not without {nameof(Certificate)}", [nameof(CertificateKey)]);
    }

    /// <summary>As connections need it; null without TLS.</summary>
    internal MemcachedTls? Load() => !Enabled ? null : new MemcachedTls
    {
        Authorities = CaFile is null ? null : Roots(CaFile),
        ServerName = ServerName,
        ClientCertificate = Certificate is null ? null : X509Certificate2.CreateFromPemFile(Certificate, CertificateKey),
    };

    private static X509Certificate2Collection Roots(string file)
    {
        X509Certificate2Collection roots = [];
        roots.ImportFromPemFile(file);
        return roots.Count > 0 ? roots : throw new CryptographicException("it holds no certificate");
    }

    private static string? Problem(Action load)
    {
        try
        {
            load();
            return null;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return exception.Message.ReplaceLineEndings(" ").TrimEnd('.');
        }
    }
}
