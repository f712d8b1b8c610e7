using System.ComponentModel.DataAnnotations;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>An auditor that is asked to cosign the issuer's log: one entry of <c>PrivacyIssuer:Auditors</c>.</summary>
internal sealed class AuditorAddress : IValidatableObject
{
    /// <summary>Where it takes heads of logs (its <c>--urls</c>).</summary>
    [Required]
    public string Url { get; set; } = "";

    /// <summary>Its key, as its start prints it.</summary>
    [Required]
    public string Key { get; set; } = "";

    /// <summary>A PEM file of authorities to trust for it, instead of the system's.</summary>
    public string? CaFile { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!(Uri.TryCreate(Url, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")) yield return new ValidationResult("an http:// or https:// URL", [nameof(Url)]);
        if (LogTrustOptions.Fault(Key, NoteKeyKind.Cosignature) is { } wrong) yield return new ValidationResult($"the key of an auditor, NAME+HASH+KEY ({wrong})", [nameof(Key)]);
        if (CaFile is not null && !File.Exists(CaFile)) yield return new ValidationResult("a PEM file that exists", [nameof(CaFile)]);
    }
}
