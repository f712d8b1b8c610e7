using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using PrivacyPass;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Keys;
using PrivacyProxy.Commands.Services;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Issuer;

/// <summary>The section <c>PrivacyIssuer</c>: beside the proxy's, so that one file may hold both.</summary>
internal sealed class IssuerSettings() : ServiceSettings("http://127.0.0.1:8080", "issuer-data"), IValidatableObject
{
    public const string Section = "PrivacyIssuer";

    /// <summary>The issuer name that challenges carry: the host (and port, unless 443) under which clients reach the directory.</summary>
    public string? Name { get; set; }

    /// <summary>1 (VOPRF P-384) and 2 (blind RSA 2048), the preferred one first; and, experimental, 5 (VOPRF ristretto255) and 55930 (0xDA7A, partially blind RSA 2048 with public metadata).</summary>
    public IList<int> TokenTypes { get; set; } = [2, 1];

    /// <summary>Who gets tokens.</summary>
    public AttesterKind Attester { get; set; } = AttesterKind.None;

    /// <summary>For the bearer attester.</summary>
    public IList<BearerKeySettings> BearerKeys { get; set; } = [];

    /// <summary>The file in which is kept what bearer keys have had of their quotas; quotas.db in <see cref="ServiceSettings.Data"/> without. On a disk of this machine, whose issuers may share it.</summary>
    public string? Quotas { get; set; }

    /// <summary>For the mtls attester and separate ones: SHA-256 thumbprints of client certificates.</summary>
    public IList<string> ClientThumbprints { get; set; } = [];

    /// <summary>For the mtls attester and separate ones: a PEM file of authorities that sign client certificates.</summary>
    public string? ClientAuthorities { get; set; }

    /// <summary>Where the directory sends clients for tokens, an absolute URL, such as that of the attester's token-request; without, to this issuer.</summary>
    public string? RequestUri { get; set; }

    /// <summary>The auditors that are asked to cosign the issuer's log of its directories; see docs/auditing.md.</summary>
    public IList<AuditorAddress> Auditors { get; set; } = [];

    /// <summary>A folder to which the log is written as files too, for a host that serves files.</summary>
    public string? LogSite { get; set; }

    /// <summary>How long a key is the one that clients use.</summary>
    public TimeSpan RotationInterval { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a key issues and verifies.</summary>
    public TimeSpan KeyLifetime { get; set; } = TimeSpan.FromDays(60);

    /// <summary>How long before its use a key is published.</summary>
    public TimeSpan PublishAhead { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How many requests are signed at a time.</summary>
    [Range(1, 1024)]
    [DefaultValue("one for each processor")]
    public int MaxConcurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>How many requests may wait to be signed.</summary>
    [Range(0, 100_000)]
    public int MaxQueued { get; set; } = 512;

    /// <summary>The most tokens of one batch request; 0 takes no batches. The directory says so.</summary>
    [Range(0, 1000)]
    public int MaxBatch { get; set; } = 100;

    /// <summary>What is signed into tokens of type 55930.</summary>
    public MetadataSettings Metadata { get; set; } = new();

    /// <summary>Whether clients, or attesters, are known by certificates.</summary>
    internal bool AsksForCertificates => Attester is AttesterKind.Mtls or AttesterKind.Separate;

    /// <summary><see cref="Name"/>, or the first address.</summary>
    internal string NameOrAddress => Name ?? (Uri.TryCreate(Urls.FirstOrDefault(), UriKind.Absolute, out var url) ? url.Authority : "issuer");

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Name is not null && !Authority.IsValid(Name)) yield return new ValidationResult("a host name or address with an optional port, such as issuer.example", [nameof(Name)]);
        if (TokenTypes.Count == 0 || TokenTypes.Any(static type => type is < 0 or > ushort.MaxValue || !TokenSizes.IsSupported((TokenType)type)) || TokenTypes.Distinct().Count() != TokenTypes.Count)
            yield return new ValidationResult("1, 2 and, experimental, 5 and 55930, each at most once", [nameof(TokenTypes)]);
        if (RotationInterval < TimeSpan.FromSeconds(1))
            yield return new ValidationResult("at least 1 second", [nameof(RotationInterval)]);
        else if (KeyLifetime <= RotationInterval || KeyLifetime / RotationInterval > IssuerKeyRingOptions.MostLiveKeys - 2)
            yield return new ValidationResult($"more than RotationInterval, at most {IssuerKeyRingOptions.MostLiveKeys - 2} times as much", [nameof(KeyLifetime)]);
        if (PublishAhead < TimeSpan.Zero || PublishAhead >= RotationInterval)
            yield return new ValidationResult("00:00:00 or more, less than RotationInterval", [nameof(PublishAhead)]);
        if (Attester == AttesterKind.Bearer && (BearerKeys.Count == 0 || BearerKeys.DistinctBy(static key => key.Key, StringComparer.Ordinal).Count() != BearerKeys.Count))
            yield return new ValidationResult("at least one key, none of them twice, for the bearer attester", [nameof(BearerKeys)]);
        if (AsksForCertificates && ClientThumbprints.Count == 0 && ClientAuthorities is null)
            yield return new ValidationResult("at least one, or ClientAuthorities, for the mtls attester and separate ones", [nameof(ClientThumbprints)]);
        foreach (var problem in CheckUrls()) yield return problem;
        if (AsksForCertificates)
            foreach (var problem in CheckUrls(static url => url.Tls, "https:// for the mtls attester and separate ones")) yield return problem;
        if (RequestUri is not null && !(Uri.TryCreate(RequestUri, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            yield return new ValidationResult("an http:// or https:// URL", [nameof(RequestUri)]);
        for (var i = 0; i < ClientThumbprints.Count; i++)
            if (!ClientCertificateAttesterOptions.IsThumbprint(ClientThumbprints[i]))
                yield return new ValidationResult("a SHA-256 thumbprint of 64 hexadecimal digits", [$"{nameof(ClientThumbprints)}:{i}"]);
    }
}
