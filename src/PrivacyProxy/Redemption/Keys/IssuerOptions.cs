using System.ComponentModel.DataAnnotations;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.Configuration;
using TransparencyLog.Proofs;

namespace PrivacyProxy.Redemption.Keys;

/// <summary>An issuer whose tokens the proxy takes, and where its keys come from.</summary>
internal sealed class IssuerOptions : LogTrustOptions, IIssuerSettings, IValidatableObject
{
    /// <summary>The issuer_name of challenges: the issuer's host name, with the port unless 443.</summary>
    public string Name { get; set; } = "";

    /// <summary>The URL of the directory, usually https://NAME/.well-known/private-token-issuer-directory.</summary>
    public string? Directory { get; set; }

    /// <summary>A PEM file of certificate authorities to trust for the directory, instead of the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>The data folder of an issuer on this machine: the way to take type 1 tokens, which need the private key.</summary>
    public string? KeyDirectory { get; set; }

    /// <summary>Type 2 public keys (base64url of the 342-byte encoding); accepted as long as they are configured.</summary>
    public IList<string> PublicKeys { get; set; } = [];

    /// <summary>Type 1 private keys (base64url of the 48-byte scalar); accepted as long as they are configured.</summary>
    [Secret]
    public IList<string> PrivateKeys { get; set; } = [];

    /// <summary>The token types taken: 1 (VOPRF, needs private keys) and 2 (blind RSA); and, experimental, 5 (VOPRF ristretto255, needs private keys) and 55930 (0xDA7A, partially blind RSA with public metadata).</summary>
    public IList<int> TokenTypes { get; set; } = [1, 2];

    /// <summary>How long a key is accepted after its not-before, and after the proxy first saw it where there is none. Spent tokens are kept as long.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long a key is still accepted after the directory ceased to list it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan RemovalGrace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often the directory is fetched; a shorter max-age of its answer goes before.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(10);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var problem in IssuerRules.ProblemsOf(this).Concat(AuditProblems())) yield return problem;
        if (Auditors.Count > 0 && Directory is null) yield return new ValidationResult("a directory URL, for its auditors", [nameof(Directory)]);
    }
}
