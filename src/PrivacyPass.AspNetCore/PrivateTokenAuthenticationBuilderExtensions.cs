using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PrivacyPass.AspNetCore.Authentication;

namespace PrivacyPass.AspNetCore;

/// <summary>The PrivateToken scheme for origins.</summary>
public static class PrivateTokenAuthenticationBuilderExtensions
{
    /// <summary>
    /// Lets requests authenticate by "Authorization: PrivateToken" (RFC 9577). Every authentication spends its token, so ask for it only
    /// where it is worth one: a token is spent where the authorization policy of the endpoint (or the fallback policy) names the scheme or
    /// no scheme at all, and where the application calls AuthenticateAsync; never because the scheme is the default, nor where
    /// AllowAnonymous lets everybody in. Call UseAuthentication after UseRouting, or the policy is not known yet. Without a token, or with one that does not verify or is spent: 401 with the challenges;
    /// when it cannot be known whether the token is spent: 503.
    /// </summary>
    /// <param name="builder">The application's authentication.</param>
    /// <param name="configure">Sets the challenges and the keys of their issuers.</param>
    /// <param name="authenticationScheme">The name of the scheme within the application.</param>
    public static AuthenticationBuilder AddPrivateToken(
        this AuthenticationBuilder builder, Action<PrivateTokenOptions> configure, string authenticationScheme = PrivateTokenDefaults.AuthenticationScheme)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.TryAddSingleton<ITokenSpender>(static _ => new InMemoryTokenSpender());
        return builder.AddScheme<PrivateTokenOptions, PrivateTokenHandler>(authenticationScheme, configure);
    }
}
