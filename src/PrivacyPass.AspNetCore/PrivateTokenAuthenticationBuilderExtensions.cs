using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PrivacyPass;
using PrivacyPass.AspNetCore.Authentication;
using PrivacyPass.SpentTokens;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The PrivateToken scheme for origins.</summary>
public static class PrivateTokenAuthenticationBuilderExtensions
{
    /// <summary>
    /// Lets requests authenticate by "Authorization: PrivateToken" (RFC 9577). Every authentication spends its token, so ask for it only
    /// where it is worth one: a token is spent where the authorization policy of the endpoint (or the fallback policy) names the scheme or
    /// no scheme at all, and where the application calls AuthenticateAsync; never because the scheme is the default, nor where
    /// AllowAnonymous lets everybody in. Call UseAuthentication after UseRouting, or the policy is not known yet. Without a token, or with
    /// one that does not verify or is spent: 401 with the challenges; when it cannot be known whether the token is good, or while no keys
    /// are known: 503. Spent tokens are remembered by the <see cref="ISpentTokenStore"/> that is registered (AddSpentTokens), else in this
    /// process.
    /// </summary>
    /// <param name="builder">The application's authentication.</param>
    /// <param name="configure">Sets the issuers and the origin.</param>
    /// <param name="authenticationScheme">The name of the scheme within the application.</param>
    public static AuthenticationBuilder AddPrivateToken(
        this AuthenticationBuilder builder, Action<PrivateTokenOptions> configure, string authenticationScheme = PrivateTokenDefaults.AuthenticationScheme)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;
        if (!services.Any(static service => service.ServiceType == typeof(ISpentTokenStore))) services.AddSpentTokens();
        services.AddSingleton(new PrivateTokenScheme(authenticationScheme));
        services.TryAddSingleton(static provider => new PrivateTokenKeys(
            provider.GetServices<PrivateTokenScheme>(), provider.GetRequiredService<IOptionsMonitor<PrivateTokenOptions>>(), provider.GetService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PrivateTokenKeys>>()));
        if (services.Count(static service => service.ServiceType == typeof(PrivateTokenScheme)) == 1) services.AddHostedService(static provider => provider.GetRequiredService<PrivateTokenKeys>());
        return builder.AddScheme<PrivateTokenOptions, PrivateTokenHandler>(authenticationScheme, configure);
    }

    /// <summary>Adds a requirement of a token, of any issuer of the scheme or of some. A token of another issuer is refused and not spent.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="issuers">The names of the issuers whose tokens will do; none for all.</param>
    public static AuthorizationPolicyBuilder RequirePrivateToken(this AuthorizationPolicyBuilder policy, params string[] issuers) => policy.RequirePrivateToken(issuers, []);

    /// <summary>Adds a requirement of a token of some issuers and types. Another token is refused and not spent.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="issuers">The names of the issuers whose tokens will do; none for all.</param>
    /// <param name="types">The types that will do; none for all.</param>
    public static AuthorizationPolicyBuilder RequirePrivateToken(this AuthorizationPolicyBuilder policy, IEnumerable<string> issuers, IEnumerable<TokenType> types)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.RequireAuthenticatedUser().AddRequirements(new PrivateTokenRequirement(issuers, types));
    }
}
