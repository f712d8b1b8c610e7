using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Redemption.Certificates;

namespace PrivacyProxy.Commands.Attester;

/// <summary>The issuer that an attester stands before, and how the two know each other.</summary>
internal sealed class IssuerLinkSettings : IValidatableObject
{
    /// <summary>The URL of the issuer, or of its directory.</summary>
    [Required(ErrorMessage = "the issuer's URL (--issuer URL)")]
    public string Url { get; set; } = "";

    /// <summary>Where the issuer takes requests for tokens, where its directory says another place: that of this attester.</summary>
    public string? RequestUri { get; set; }

    /// <summary>A PEM file of the only authorities to trust for the issuer, instead of the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>The certificate by which the issuer knows this attester, PEM. Where it is not set, one is made and kept as client.pem in Data; the start says its thumbprint.</summary>
    public string? Certificate { get; set; }

    /// <summary>The certificate's private key, PEM, where it is not in the same file.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>How long the issuer may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url.Length > 0 && !IsUrl(Url)) yield return new ValidationResult("an http:// or https:// URL", [nameof(Url)]);
        if (RequestUri is not null && !IsUrl(RequestUri)) yield return new ValidationResult("an http:// or https:// URL", [nameof(RequestUri)]);
        if (CaFile is not null && AuthorityFile.Fault(CaFile) is { } fault) yield return new ValidationResult($"a PEM file with certificates of authorities ({fault})", [nameof(CaFile)]);
    }

    internal static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
}
