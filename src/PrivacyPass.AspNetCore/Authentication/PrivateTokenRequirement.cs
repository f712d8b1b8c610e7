using System.Globalization;
using Microsoft.AspNetCore.Authorization;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>
/// A token of certain issuers and types. The scheme looks at it before it spends: a token of another kind is refused with the challenges
/// of those that are wanted, and stays good.
/// </summary>
public sealed class PrivateTokenRequirement : AuthorizationHandler<PrivateTokenRequirement>, IAuthorizationRequirement
{
    /// <summary>Makes a requirement.</summary>
    /// <param name="issuers">The names of the issuers whose tokens will do; empty for all of the scheme.</param>
    /// <param name="types">The types that will do; empty for all of the scheme.</param>
    public PrivateTokenRequirement(IEnumerable<string> issuers, IEnumerable<TokenType> types)
    {
        ArgumentNullException.ThrowIfNull(issuers);
        ArgumentNullException.ThrowIfNull(types);
        (Issuers, Types) = ([.. issuers], [.. types]);
    }

    /// <summary>The issuers whose tokens will do; empty for all.</summary>
    public IReadOnlyList<string> Issuers { get; }

    /// <summary>The types that will do; empty for all.</summary>
    public IReadOnlyList<TokenType> Types { get; }

    internal bool Takes(string issuer, TokenType type) =>
        (Issuers.Count == 0 || Issuers.Contains(issuer, StringComparer.Ordinal)) && (Types.Count == 0 || Types.Contains(type));

    /// <inheritdoc/>
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, PrivateTokenRequirement requirement)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(requirement);
        foreach (var identity in context.User.Identities)
        {
            if (identity.FindFirst(PrivateTokenDefaults.IssuerClaim)?.Value is { } issuer
                && int.TryParse(identity.FindFirst(PrivateTokenDefaults.TypeClaim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var type)
                && requirement.Takes(issuer, (TokenType)type))
                context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }
}
