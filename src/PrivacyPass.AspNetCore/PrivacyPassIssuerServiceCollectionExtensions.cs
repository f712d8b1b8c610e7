using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyPass.AspNetCore.Issuance.Protocols;
using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore;

/// <summary>The services of a Privacy Pass issuer.</summary>
public static class PrivacyPassIssuerServiceCollectionExtensions
{
    /// <summary>
    /// Adds an issuer: its keys, their rotation, issuance. Say with the result who gets tokens, and map the endpoints with
    /// <see cref="PrivacyPassIssuerEndpointRouteBuilderExtensions.MapPrivacyPassIssuer"/>.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets at least the directory of the keys.</param>
    public static PrivacyPassIssuerBuilder AddPrivacyPassIssuer(this IServiceCollection services, Action<PrivacyPassIssuerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<PrivacyPassIssuerOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PrivacyPassIssuerOptions>>(new OptionsValidator<PrivacyPassIssuerOptions>(options => options.Validate()));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ITokenRequestAttester>(_ =>
            throw new InvalidOperationException("The issuer has no attester: call UseBearerKeys, UseClientCertificates, UseAttester, or (in development) AllowEverybody."));
        services.TryAddSingleton(provider => IssuerKeyRing.Open(
            provider.GetRequiredService<IOptions<PrivacyPassIssuerOptions>>().Value.Keys, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IssuerDirectoryDocument>();
        services.TryAddSingleton<IssuerDirectoryEndpoint>();
        services.TryAddSingleton<ITokenExtensionPolicy, TokenExtensionPolicy>();
        services.TryAddSingleton<IssuanceProtocols>();
        services.TryAddSingleton<IssuanceLimiter>();
        services.TryAddSingleton<TokenRequestEndpoint>();
        services.AddHostedService<KeyRotationService>();
        return new PrivacyPassIssuerBuilder(services);
    }
}
