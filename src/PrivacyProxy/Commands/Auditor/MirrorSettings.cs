using System.ComponentModel.DataAnnotations;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;

namespace PrivacyProxy.Commands.Auditor;

/// <summary>Another place where an issuer's directory is seen: a copy of it, or the log of a proxy that was shown it. One entry of <c>PrivacyAuditor:Issuers:n:Mirrors</c>.</summary>
internal sealed class MirrorSettings : IValidatableObject
{
    /// <summary>The URL of a copy of the directory, as another address or network shows it.</summary>
    public string? Directory { get; set; }

    /// <summary>The URL of a proxy's log, https://PROXY/key-log/.</summary>
    public string? LogUrl { get; set; }

    /// <summary>The key of that log.</summary>
    public string? LogKey { get; set; }

    /// <summary>A PEM file of authorities to trust for it, instead of the system's.</summary>
    public string? CaFile { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Directory is null == LogUrl is null) yield return new ValidationResult("either Directory or LogUrl", [nameof(Directory)]);
        if (Directory is not null && !AuditedIssuerSettings.IsUrl(Directory)) yield return new ValidationResult("an http:// or https:// URL", [nameof(Directory)]);
        if (LogUrl is not null && !AuditedIssuerSettings.IsUrl(LogUrl)) yield return new ValidationResult("an http:// or https:// URL", [nameof(LogUrl)]);
        if (LogUrl is not null && LogTrustOptions.Fault(LogKey ?? "", NoteKeyKind.Note) is { } wrong) yield return new ValidationResult($"the key of the log, NAME+HASH+KEY ({wrong})", [nameof(LogKey)]);
        if (CaFile is not null && !File.Exists(CaFile)) yield return new ValidationResult("a PEM file that exists", [nameof(CaFile)]);
    }
}
