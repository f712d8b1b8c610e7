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
    public static TokenAttestationBuilder AddPrivacyPassIssuer(this IServiceCollection services, Action<PrivacyPassIssuerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<PrivacyPassIssuerOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PrivacyPassIssuerOptions>>(new OptionsValidator<PrivacyPassIssuerOptions>(options => options.Validate()));
        services.TryAddSingleton(TimeProvider.System);
        services.AddTokenRequests("issuer");
        services.TryAddSingleton(static provider => IssuerKeyRing.Open(
            Options(provider).Keys, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IssuerDirectoryDocument>();
        services.TryAddSingleton<IServedDirectory>(static provider => provider.GetRequiredService<IssuerDirectoryDocument>());
        services.TryAddSingleton(static provider => new GeoHints(Options(provider).Extensions));
        services.TryAddSingleton<ITokenExtensionPolicy, TokenExtensionPolicy>();
        services.TryAddSingleton(static provider => Protocols(provider.GetRequiredService<IssuerKeyRing>(), provider.GetRequiredService<ITokenExtensionPolicy>(), Options(provider).MaxBatch));
        services.TryAddSingleton(static provider => new IssuanceLimiter(Options(provider).MaxConcurrency, Options(provider).MaxQueued));
        services.AddHostedService<KeyRotationService>();
        return new TokenAttestationBuilder(services);
    }

    /// <summary>What takes requests for tokens, whoever makes them.</summary>
    internal static void AddTokenRequests(this IServiceCollection services, string who)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ITokenRequestAttester>(_ =>
            throw new InvalidOperationException($"The {who} has no attester: call UseBearerKeys, UseClientCertificates, UseAttester, or (in development) AllowEverybody."));
        services.TryAddSingleton<IssuerDirectoryEndpoint>();
        services.TryAddSingleton<TokenRequestEndpoint>();
    }

    private static PrivacyPassIssuerOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<PrivacyPassIssuerOptions>>().Value;

    private static IssuanceProtocols Protocols(IssuerKeyRing keys, ITokenExtensionPolicy extensions, int most)
    {
        var single = new SingleIssuance(keys, extensions);
        return new IssuanceProtocols(most == 0 ? [single] : [single, new AmortizedIssuance(keys, most), new GenericIssuance(keys, single, most)]);
    }
}
