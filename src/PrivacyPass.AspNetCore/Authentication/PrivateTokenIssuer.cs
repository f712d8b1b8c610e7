using System.ComponentModel.DataAnnotations;
using PrivacyPass.AspNetCore.Acceptance;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>An issuer whose tokens an origin takes, and where its keys come from.</summary>
public sealed class PrivateTokenIssuer : IIssuerSettings, IValidatableObject
{
    /// <summary>An issuer whose places are set by properties, or by configuration.</summary>
    public PrivateTokenIssuer()
    {
    }

    /// <summary>An issuer by its directory.</summary>
    /// <param name="directory">The URL of the directory; one without a path means the well-known one.</param>
    public PrivateTokenIssuer(string directory) => Directory = directory;

    /// <summary>The URL of the directory; one without a path means the well-known one (RFC 9578, section 4). It is fetched in the background, and kept while it cannot be.</summary>
    public string? Directory { get; set; }

    /// <summary>The issuer_name of challenges: the issuer's host name, with the port unless 443. When not set, that of <see cref="Directory"/>.</summary>
    public string Name
    {
        get => field ?? (Uri.TryCreate(Directory, UriKind.Absolute, out var url) ? url.Authority : "");
        set;
    }

    /// <summary>A PEM file of certificate authorities to trust for the directory, instead of the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>The data folder of an issuer on this machine: the way to take tokens of type 1, which need the private key.</summary>
    public string? KeyDirectory { get; set; }

    /// <summary>Public keys of type 2 (base64url of the 342-byte encoding) that are accepted as long as they stand here.</summary>
    public IList<string> PublicKeys { get; set; } = [];

    /// <summary>Private keys of type 1 (base64url of the 48-byte scalar) that are accepted as long as they stand here.</summary>
    [DataType(DataType.Password)]
    public IList<string> PrivateKeys { get; set; } = [];

    /// <summary>The token types taken: 1 (VOPRF, needs private keys) and 2 (blind RSA); and, experimental, 5 (VOPRF ristretto255, needs private keys) and 55930 (0xDA7A, partially blind RSA with an expiration, which is honoured, and perhaps a place).</summary>
    public IList<int> TokenTypes { get; set; } = [1, 2];

    /// <summary>How long a key is accepted after its not-before, and after this server first saw it where there is none; a minute at least. 90 days when not set.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long a key is still accepted after the directory ceased to list it. An hour when not set.</summary>
    public TimeSpan RemovalGrace { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often the directory is fetched, every second at most; a shorter max-age of its answer goes before. 10 minutes when not set.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var problem in IssuerRules.ProblemsOf(this)) yield return problem;
        if (KeyLifetime < TimeSpan.FromMinutes(1)) yield return new ValidationResult("a minute at least", [nameof(KeyLifetime)]);
        if (RemovalGrace < TimeSpan.Zero) yield return new ValidationResult("no time before now", [nameof(RemovalGrace)]);
        if (RefreshInterval < TimeSpan.FromSeconds(1)) yield return new ValidationResult("a second at least", [nameof(RefreshInterval)]);
    }
}
