using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authentication;
using PrivacyPass.AspNetCore.Acceptance;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>Which tokens an origin takes. Options that cannot be used end the start of the application.</summary>
public sealed class PrivateTokenOptions : AuthenticationSchemeOptions
{
    /// <summary>The issuers, the preferred one first: challenges are offered in this order.</summary>
    public IList<PrivateTokenIssuer> Issuers { get; set; } = [];

    /// <summary>
    /// The origin_info of challenges: the site's host name (with the port unless 443), several separated by commas. Empty takes tokens that
    /// were made for any origin. Must be set.
    /// </summary>
    public string? OriginInfo { get; set; }

    /// <summary>
    /// Gives challenges a redemption context that lasts so long; a token for it is taken to the end of the next window. Null, the default:
    /// none, so that clients can fetch tokens ahead and keep them.
    /// </summary>
    public TimeSpan? ContextWindow { get; set; }

    /// <summary>What redemption contexts are made from, 32 characters at least; the same on all servers that take each other's tokens. Needed with <see cref="ContextWindow"/>.</summary>
    [DataType(DataType.Password)]
    public string? ContextSecret { get; set; }

    /// <summary>Puts a challenge of a reserved type among the others (RFC 9577, section 6.2.1), which clients must skip.</summary>
    public bool Grease { get; set; }

    internal ChallengeSettings Challenges =>
        new(OriginInfo ?? "", this is { ContextWindow: { } window, ContextSecret: { } secret } ? new RedemptionContexts(secret, window) : null, Grease);

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (Problems().FirstOrDefault() is { } problem) throw new InvalidOperationException($"{nameof(PrivateTokenOptions)}.{string.Join(", ", problem.MemberNames)}: expected {problem.ErrorMessage}.");
    }

    private IEnumerable<ValidationResult> Problems()
    {
        if (Issuers.Count == 0) yield return new ValidationResult("at least one issuer", [nameof(Issuers)]);
        if (OriginInfo is null) yield return new ValidationResult("the site's host name, or an empty text to take tokens that were made for any origin", [nameof(OriginInfo)]);
        else if (OriginInfo.Length > ushort.MaxValue || OriginInfo.Any(static c => c is <= ' ' or > '~')) yield return new ValidationResult("printable ASCII without spaces, at most 65535 characters", [nameof(OriginInfo)]);
        if (ChallengeSettings.ProblemOf(ContextWindow, ContextSecret) is { } context) yield return new ValidationResult(context.Problem, [context.IsOfSecret ? nameof(ContextSecret) : nameof(ContextWindow)]);
        for (var i = 0; i < Issuers.Count; i++)
        {
            foreach (var problem in Issuers[i].Validate(new ValidationContext(Issuers[i])))
                yield return new ValidationResult(problem.ErrorMessage, [.. problem.MemberNames.Select(name => $"{nameof(Issuers)}[{i}].{name}")]);
            if (Issuers.Take(i).Any(other => other.Name == Issuers[i].Name)) yield return new ValidationResult("a name that no other issuer has", [$"{nameof(Issuers)}[{i}].{nameof(PrivateTokenIssuer.Name)}"]);
        }
    }
}
