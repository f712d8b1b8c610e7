using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>The section <c>PrivacyAuditor</c>.</summary>
internal sealed class AuditorSettings() : ServiceSettings("http://127.0.0.1:8090", "auditor-data"), IValidatableObject
{
    public const string Section = "PrivacyAuditor";

    /// <summary>The name in its cosignatures: the host by which it is known. Without, the first address; it stays that of the first start.</summary>
    public string? Name { get; set; }

    /// <summary>How often each issuer is looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The issuers that are followed.</summary>
    public IList<AuditedIssuerSettings> Issuers { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Name is not null && (!Authority.IsValid(Name) || Name.Contains('+', StringComparison.Ordinal))) yield return new ValidationResult("a host name or address with an optional port, such as auditor.example", [nameof(Name)]);
        if (Name is null && Urls.Count > 0 && ListenUrl.TryParse(Urls[0], out var first) && first.Host == ListenUrl.AnyHost) yield return new ValidationResult("the host by which the auditor is known, where the first of Urls is all addresses", [nameof(Name)]);
        foreach (var problem in CheckUrls()) yield return problem;
        if (Certificate is null)
            foreach (var problem in CheckUrls(static url => !url.Tls, "http://, or Certificate to be set")) yield return problem;
        if (Issuers.Count == 0) yield return new ValidationResult("at least one issuer (--issuer URL --log-key KEY)", [nameof(Issuers)]);
        if (Issuers.Select(static issuer => issuer.LogKey.Split('+')[0]).Distinct(StringComparer.Ordinal).Count() != Issuers.Count) yield return new ValidationResult("each log once", [nameof(Issuers)]);
    }
}
