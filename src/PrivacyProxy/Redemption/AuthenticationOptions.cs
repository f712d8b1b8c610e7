using System.ComponentModel.DataAnnotations;
using PrivacyPass.AspNetCore.Acceptance;
using PrivacyProxy.Configuration;
using PrivacyProxy.Redemption.Certificates;

namespace PrivacyProxy.Redemption;

/// <summary>Who may open tunnels, and what the others are told.</summary>
internal sealed class AuthenticationOptions : IValidatableObject
{
    /// <summary>False lets everyone use the proxy; credentials are then not looked at.</summary>
    public bool Required { get; set; } = true;

    /// <summary>The keys of <c>Proxy-Authorization: Preshared KEY</c>.</summary>
    [Secret]
    public IList<string> PresharedKeys { get; set; } = [];

    /// <summary>
    /// Takes a preshared key as the password of Basic credentials (RFC 7617), with any user name, and offers Basic in challenges: for programs
    /// that know nothing but <c>http://user:password@proxy</c>. In cleartext whoever is between reads the key, as with <c>Preshared</c>.
    /// </summary>
    public bool Basic { get; set; }

    /// <summary>Certificates in place of tokens.</summary>
    public ClientCertificateOptions ClientCertificates { get; set; } = new();

    /// <summary>407 challenges as RFC 9110 asks (401 on templated resources); 403 is for clients that expect Cloudflare's answer.</summary>
    public int FailureStatus { get; set; } = 407;

    /// <summary>Tells clients why in the details of Proxy-Status: for debugging, it helps guessing.</summary>
    public bool ExplainFailures { get; set; }

    /// <summary>The origin_info of challenges; empty makes tokens for any origin. Default: Name, else the addresses listened on.</summary>
    public string? OriginInfo { get; set; }

    /// <summary>Gives challenges a redemption context that lasts so long; a token for it is taken to the end of the next window. Not set: none, so that tokens can be fetched ahead and kept.</summary>
    public TimeSpan? ContextWindow { get; set; }

    /// <summary>What redemption contexts are made from, 32 characters at least; the same on all proxies that take each other's tokens. Needed with ContextWindow.</summary>
    [Secret]
    public string? ContextSecret { get; set; }

    /// <summary>Puts a challenge of a reserved type among the others (RFC 9577, section 6.2.1): clients that do not skip it are broken, and are found out.</summary>
    public bool Grease { get; set; }

    /// <summary>Reads <c>token="..." extensions="..."</c> without the comma, as some Chromium builds write it.</summary>
    public bool AllowMissingComma { get; set; } = true;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ChallengeSettings.ProblemOf(ContextWindow, ContextSecret) is { } context) yield return new ValidationResult(context.Problem, [context.IsOfSecret ? nameof(ContextSecret) : nameof(ContextWindow)]);
        if (FailureStatus is not (407 or 403)) yield return new ValidationResult("407 or 403", [nameof(FailureStatus)]);
        if (Basic && PresharedKeys.Count == 0) yield return new ValidationResult("false, or at least one key in PresharedKeys, which are its passwords", [nameof(Basic)]);
        if (OriginInfo is not null && (OriginInfo.Length > ushort.MaxValue || OriginInfo.Any(static c => c is <= ' ' or > '~')))
            yield return new ValidationResult("printable ASCII without spaces, at most 65535 characters", [nameof(OriginInfo)]);
        for (var i = 0; i < PresharedKeys.Count; i++)
            if (string.IsNullOrEmpty(PresharedKeys[i]) || PresharedKeys[i].Any(static c => c is <= ' ' or > '~'))
                yield return new ValidationResult("printable ASCII without spaces, at least one character", [$"{nameof(PresharedKeys)}:{i}"]);
    }
}
