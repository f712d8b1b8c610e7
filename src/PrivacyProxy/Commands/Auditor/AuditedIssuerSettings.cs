using System.ComponentModel.DataAnnotations;
using PrivacyPass.Issuance;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>An issuer that is followed: one entry of <c>PrivacyAuditor:Issuers</c>.</summary>
internal sealed class AuditedIssuerSettings : IValidatableObject
{
    /// <summary>The URL of the issuer, or of its directory.</summary>
    [Required]
    public string Directory { get; set; } = "";

    /// <summary>The key of its log, as its start prints it.</summary>
    [Required]
    public string LogKey { get; set; } = "";

    /// <summary>The URL of its log; without, /key-log beside the directory.</summary>
    public string? LogUrl { get; set; }

    /// <summary>A PEM file of authorities to trust for both, instead of the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>How many keys of a type may be new within a day before it is said that there are many.</summary>
    [Range(1, 1000)]
    public int MostNewKeys { get; set; } = 4;

    /// <summary>Where else its directory is seen.</summary>
    public IList<MirrorSettings> Mirrors { get; set; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsUrl(Directory)) yield return new ValidationResult("an http:// or https:// URL", [nameof(Directory)]);
        if (LogUrl is not null && !IsUrl(LogUrl)) yield return new ValidationResult("an http:// or https:// URL", [nameof(LogUrl)]);
        if (LogTrustOptions.Fault(LogKey, NoteKeyKind.Note) is { } wrong) yield return new ValidationResult($"the key of the issuer's log, NAME+HASH+KEY ({wrong})", [nameof(LogKey)]);
        else if (IssuerDirectoryLog.IssuerOf(NoteKey.Parse(LogKey).Name) is null) yield return new ValidationResult($"the key of an issuer's log, ISSUER{IssuerDirectoryLog.Path}+HASH+KEY", [nameof(LogKey)]);
        if (CaFile is not null && !File.Exists(CaFile)) yield return new ValidationResult("a PEM file that exists", [nameof(CaFile)]);
    }

    internal static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
}
