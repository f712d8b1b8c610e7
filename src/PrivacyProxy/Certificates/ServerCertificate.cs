using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Certificates;

/// <summary>The certificate a listener shows, with the intermediates it sends along.</summary>
/// <param name="Leaf">With its private key.</param>
/// <param name="Chain">Intermediates, may be empty.</param>
internal sealed record ServerCertificate(X509Certificate2 Leaf, X509Certificate2Collection Chain)
{
    private const string ProxySection = TlsOptions.Section;

    /// <summary>Where it is from, for errors; null for one that was made.</summary>
    public string? File { get; init; }

    /// <summary>The setting that names the file.</summary>
    public string Setting { get; init; } = $"{ProxySection}:{nameof(TlsOptions.Certificate)}";

    /// <summary>Loads PEM files: leaf first, then intermediates; the key in its own file or behind the certificates.</summary>
    /// <param name="certificateFile">The value of the section's <c>Certificate</c>.</param>
    /// <param name="keyFile">The value of the section's <c>CertificateKey</c>.</param>
    /// <param name="section">The configuration section that errors name.</param>
    /// <exception cref="InvalidConfigurationException">A file cannot be read or used; says which.</exception>
    public static ServerCertificate Load(string certificateFile, string? keyFile, string section = ProxySection)
    {
        var certificateSetting = $"{section}:{nameof(TlsOptions.Certificate)}";
        var keySetting = $"{section}:{nameof(TlsOptions.CertificateKey)}";
        var certificates = ReadText(certificateFile, certificateSetting);
        var key = keyFile is null ? certificates : ReadText(keyFile, keySetting);
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certificates);
        }
        catch (CryptographicException)
        {
            throw new InvalidConfigurationException(certificateSetting, certificateFile, "a PEM file with certificates that can be read");
        }
        if (chain.Count == 0) throw new InvalidConfigurationException(certificateSetting, certificateFile, "a PEM file with at least one certificate");
        try
        {
            using var leaf = X509Certificate2.CreateFromPem(certificates, key);
            if (WhyNot(leaf) is { } expected) throw new InvalidConfigurationException(certificateSetting, certificateFile, expected);
            chain.RemoveAt(0);
            return new ServerCertificate(Usable(leaf), chain) { File = certificateFile, Setting = certificateSetting };
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw keyFile is null
                ? new InvalidConfigurationException(certificateSetting, certificateFile, "a PEM file that also holds the unencrypted private key of its first certificate (or set CertificateKey)")
                : new InvalidConfigurationException(keySetting, keyFile, $"a PEM file with the unencrypted private key of the first certificate in {certificateFile}");
        }
    }

    /// <summary>What clients would refuse is refused here, where somebody reads why.</summary>
    private static string? WhyNot(X509Certificate2 leaf)
    {
        return leaf.NotAfter.ToUniversalTime() <= DateTime.UtcNow
            ? string.Create(CultureInfo.InvariantCulture, $"a PEM file whose first certificate has not expired (it did on {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm:ss}Z)")
            : null;
    }

    private static string ReadText(string file, string key)
    {
        try
        {
            return System.IO.File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException(key, file, $"a PEM file that can be read ({exception.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }
    }

    /// <summary>Keys straight from PEM are ephemeral, which some TLS stacks refuse; through PKCS#12 they work everywhere.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
}
