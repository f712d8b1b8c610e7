using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PrivacyPass.AspNetCore.Authentication;

namespace PrivacyPass.AspNetCore;

/// <summary>The PrivateToken scheme for origins.</summary>
public static class PrivateTokenAuthenticationBuilderExtensions
{
    /// <summary>
    /// Lets requests authenticate by "Authorization: PrivateToken" (RFC 9577). Every authentication spends its token, so name the scheme
    /// only on endpoints that are worth one. Without a token, or with one that does not verify or is spent: 401 with the challenges;
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
