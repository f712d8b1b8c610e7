using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Redemption.Certificates;

namespace PrivacyProxy.Commands.Attester;

/// <summary>Clients that an attester knows by access tokens of an OpenID Connect provider (JWT, RFC 9068), sent as <c>Authorization: Bearer</c>: on where there is an authority.</summary>
internal sealed class OidcSettings : IValidatableObject
{
    /// <summary>The provider's URL, the issuer of its tokens (<c>iss</c>). Its keys are found through it, unless another key says where.</summary>
    public string? Authority { get; set; }

    /// <summary>Whom the tokens must be for (<c>aud</c>).</summary>
    public string? Audience { get; set; }

    /// <summary>The URL of the provider's metadata; .well-known/openid-configuration below the authority without.</summary>
    public string? MetadataAddress { get; set; }

    /// <summary>A file with the provider's keys (JWKS, RFC 7517), in place of asking it.</summary>
    public string? KeysFile { get; set; }

    /// <summary>A PEM file of the only authorities to trust for the provider, instead of the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>A scope that tokens must have; without, any will do.</summary>
    public string? Scope { get; set; }

    /// <summary>How far the clocks of the provider and of this machine may differ.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Tokens for each subject (<c>sub</c>) in each window.</summary>
    [Range(0, int.MaxValue)]
    public int Quota { get; set; } = 1000;

    /// <summary>After which the quota is full again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "366.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Window { get; set; } = TimeSpan.FromHours(1);

    internal bool IsOn => Authority is not null;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Authority is null)
        {
            if (Audience is not null || MetadataAddress is not null || KeysFile is not null) yield return new ValidationResult("the provider's URL, where clients come with access tokens", [nameof(Authority)]);
            yield break;
        }

        // Without one, a token made for another service would do here.
        if (string.IsNullOrEmpty(Audience)) yield return new ValidationResult("whom the access tokens are for", [nameof(Audience)]);
        if (!IsSafe(Authority) && KeysFile is null && MetadataAddress is null) yield return new ValidationResult("an https:// URL, or one of this machine", [nameof(Authority)]);
        if (MetadataAddress is not null && !IsSafe(MetadataAddress)) yield return new ValidationResult("an https:// URL, or one of this machine", [nameof(MetadataAddress)]);
        if (CaFile is not null && AuthorityFile.Fault(CaFile) is { } fault) yield return new ValidationResult($"a PEM file with certificates of authorities ({fault})", [nameof(CaFile)]);
        if (KeysFile is not null && OidcKeys.Fault(KeysFile) is { } wrong) yield return new ValidationResult($"a JWKS file with public keys ({wrong})", [nameof(KeysFile)]);
    }

    /// <summary>Whoever can change what is read there makes tokens at will.</summary>
    private static bool IsSafe(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));
}
