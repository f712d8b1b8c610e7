using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Admission;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>The section <c>PrivacyAuditor</c>.</summary>
internal sealed class AuditorSettings : IValidatableObject
{
    public const string Section = "PrivacyAuditor";

    /// <summary>Where to listen.</summary>
    public IList<string> Urls { get; set; } = ["http://127.0.0.1:8090"];

    /// <summary>The name in its cosignatures: the host by which it is known. Without, the first address; it stays that of the first start.</summary>
    public string? Name { get; set; }

    /// <summary>The folder of its key, of the copies of logs, and of what it found.</summary>
    [Required]
    public string Data { get; set; } = "auditor-data";

    /// <summary>The server certificate of https URLs, PEM.</summary>
    public string? Certificate { get; set; }

    /// <summary>The certificate's private key, PEM, where it is not in the same file.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>How often each issuer is looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The issuers that are followed.</summary>
    public IList<AuditedIssuerSettings> Issuers { get; set; } = [];

    /// <summary>How many connections are held and what they may cost.</summary>
    public ConnectionOptions Connections { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Name is not null && (!Authority.IsValid(Name) || Name.Contains('+', StringComparison.Ordinal))) yield return new ValidationResult("a host name or address with an optional port, such as auditor.example", [nameof(Name)]);
        if (Name is null && Urls.Count > 0 && ListenUrl.TryParse(Urls[0], out var first) && first.Host == ListenUrl.AnyHost) yield return new ValidationResult("the host by which the auditor is known, where the first of Urls is all addresses", [nameof(Name)]);
        if (Urls.Count == 0) yield return new ValidationResult("at least one URL to listen on", [nameof(Urls)]);
        for (var i = 0; i < Urls.Count; i++)
        {
            if (!ListenUrl.TryParse(Urls[i], out var url)) yield return new ValidationResult(ListenUrl.Expected, [$"{nameof(Urls)}:{i}"]);
            else if (url.Tls && Certificate is null) yield return new ValidationResult("http://, or Certificate to be set", [$"{nameof(Urls)}:{i}"]);
        }

        if (Issuers.Count == 0) yield return new ValidationResult("at least one issuer (--issuer URL --log-key KEY)", [nameof(Issuers)]);
        if (Issuers.Select(static issuer => issuer.LogKey.Split('+')[0]).Distinct(StringComparer.Ordinal).Count() != Issuers.Count) yield return new ValidationResult("each log once", [nameof(Issuers)]);
    }
}
