using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Attester;

/// <summary>The section <c>PrivacyAttester</c>.</summary>
internal sealed class AttesterSettings() : ServiceSettings("http://127.0.0.1:8070", "attester-data"), IValidatableObject
{
    public const string Section = "PrivacyAttester";

    /// <summary>What <see cref="Management"/> says for no listener.</summary>
    public const string NoManagement = "none";

    /// <summary>Where metrics and readiness are told, apart from clients; <c>none</c> for nowhere.</summary>
    public string Management { get; set; } = "http://127.0.0.1:9092";

    /// <summary>The issuer it stands before.</summary>
    public IssuerLinkSettings Issuer { get; set; } = new();

    /// <summary>Clients known by keys they send.</summary>
    public IList<BearerKeySettings> BearerKeys { get; set; } = [];

    /// <summary>Clients known by TLS certificates.</summary>
    public CertificateClientSettings ClientCertificates { get; set; } = new();

    /// <summary>Clients known by access tokens.</summary>
    public OidcSettings Oidc { get; set; } = new();

    /// <summary>The file in which is kept what clients have had of their quotas; quotas.db in <see cref="ServiceSettings.Data"/> without. On a disk of this machine, whose attesters may share it.</summary>
    public string? Quotas { get; set; }

    /// <summary>The most tokens of one batch request; 0 takes no batches. What the directory says of batches is the issuer's: no less than that.</summary>
    [Range(0, 1000)]
    public int MaxBatch { get; set; } = 100;

    /// <summary>How many requests are at the issuer at a time.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrency { get; set; } = 256;

    /// <summary>How many requests may wait for that.</summary>
    [Range(0, 100_000)]
    public int MaxQueued { get; set; } = 512;

    /// <summary>A geofeed (RFC 8805) that says where clients are by their addresses, which the issuer does not see: a geographic hint in a request for tokens of type 55930 is passed on where it is true. Without one none is.</summary>
    public string? Geofeed { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var problem in CheckUrls()) yield return problem;
        if (ClientCertificates.IsOn)
            foreach (var problem in CheckUrls(static url => url.Tls, "https:// where clients are known by certificates")) yield return problem;
        if (!string.Equals(Management, NoManagement, StringComparison.OrdinalIgnoreCase) && !(ListenUrl.TryParse(Management, out var management) && !management.Tls))
            yield return new ValidationResult("an http:// URL with an address and a port, or none", [nameof(Management)]);
        if (BearerKeys.Count == 0 && !ClientCertificates.IsOn && !Oidc.IsOn)
            yield return new ValidationResult("somebody who gets tokens: BearerKeys, ClientCertificates or Oidc", [nameof(BearerKeys)]);
        if (BearerKeys.DistinctBy(static key => key.Key, StringComparer.Ordinal).Count() != BearerKeys.Count) yield return new ValidationResult("no key twice", [nameof(BearerKeys)]);
        if (Geofeed is not null && !File.Exists(Geofeed)) yield return new ValidationResult("a file of lines such as 192.0.2.0/24,US,US-AL,Alabaster,", [nameof(Geofeed)]);
    }
}
