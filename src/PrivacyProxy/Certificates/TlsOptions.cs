using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace PrivacyProxy.Certificates;

/// <summary>The server certificate of https URLs.</summary>
internal sealed class TlsOptions : IValidatableObject
{
    public const string Section = "PrivacyProxy:Tls";

    /// <summary>A PEM file with the certificate, then its intermediates. Without one a throw-away certificate is made at start.</summary>
    public string? Certificate { get; set; }

    /// <summary>A PEM file with the private key, not encrypted. Default: the key is in the certificate's file.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>Where the throw-away CA's certificate is written, as ca.pem.</summary>
    [DefaultValue("`~/.local/share/privacy-proxy`")]
    public string Data { get; set; } = DefaultData;

    /// <summary>The files that are set.</summary>
    public IEnumerable<string> Files => new[] { Certificate, CertificateKey }.OfType<string>();

    /// <summary><c>~/.local/share/privacy-proxy</c>, or a folder in the working directory where there is no home.</summary>
    private static string DefaultData =>
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } folder
            ? Path.Combine(folder, "privacy-proxy")
            : "privacy-proxy-data";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(Data)) yield return new ValidationResult("a folder", [nameof(Data)]);
        if (Certificate is not null && !File.Exists(Certificate)) yield return new ValidationResult("a PEM file that exists", [nameof(Certificate)]);
        if (CertificateKey is null) yield break;
        if (Certificate is null) yield return new ValidationResult("Tls:Certificate to be set too", [nameof(CertificateKey)]);
        else if (!File.Exists(CertificateKey)) yield return new ValidationResult("a PEM file that exists", [nameof(CertificateKey)]);
    }
}
