using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Certificates;

/// <summary>The certificate a listener shows, with the intermediates it sends along.</summary>
/// <param name="Leaf">With its private key.</param>
/// <param name="Chain">Intermediates, may be empty.</param>
internal sealed record ServerCertificate(X509Certificate2 Leaf, X509Certificate2Collection Chain)
{
    private const string CertificateKey = $"{ProxyOptions.Section}:{nameof(ProxyOptions.Tls)}:{nameof(TlsOptions.Certificate)}";
    private const string PrivateKeyKey = $"{ProxyOptions.Section}:{nameof(ProxyOptions.Tls)}:{nameof(TlsOptions.CertificateKey)}";

    /// <summary>Loads PEM files: leaf first, then intermediates; the key in its own file or behind the certificates.</summary>
    /// <exception cref="InvalidConfigurationException">A file cannot be read or used; says which.</exception>
    public static ServerCertificate Load(string certificateFile, string? keyFile)
    {
        var certificates = ReadText(certificateFile, CertificateKey);
        var key = keyFile is null ? certificates : ReadText(keyFile, PrivateKeyKey);
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certificates);
        }
        catch (CryptographicException)
        {
            throw new InvalidConfigurationException(CertificateKey, certificateFile, "a PEM file with certificates that can be read");
        }
        if (chain.Count == 0) throw new InvalidConfigurationException(CertificateKey, certificateFile, "a PEM file with at least one certificate");
        try
        {
            using var leaf = X509Certificate2.CreateFromPem(certificates, key);
            chain.RemoveAt(0);
            return new ServerCertificate(Usable(leaf), chain);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw keyFile is null
                ? new InvalidConfigurationException(CertificateKey, certificateFile, "a PEM file that also holds the unencrypted private key of its first certificate (or set Tls:CertificateKey)")
                : new InvalidConfigurationException(PrivateKeyKey, keyFile, $"a PEM file with the unencrypted private key of the first certificate in {certificateFile}");
        }
    }

    private static string ReadText(string file, string key)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException(key, file, "a PEM file that can be read");
        }
    }

    /// <summary>Keys straight from PEM are ephemeral, which some TLS stacks refuse; through PKCS#12 they work everywhere.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
