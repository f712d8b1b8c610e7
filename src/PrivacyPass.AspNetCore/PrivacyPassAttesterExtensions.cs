using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Forwarding;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore;

/// <summary>An attester of its own, before an issuer that knows no clients (RFC 9576, section 4.4).</summary>
public static class PrivacyPassAttesterExtensions
{
    /// <summary>
    /// Adds an attester: it takes requests for tokens, decides who may have them, and passes them on to the issuer without anything of who
    /// asks. Say with the result who gets tokens, and map the endpoints with <see cref="MapPrivacyPassAttester"/>.
    /// </summary>
    /// <param name="services">The services of the application; an issuer must not be among them.</param>
    /// <param name="configure">Sets at least the issuer.</param>
    public static TokenAttestationBuilder AddPrivacyPassAttester(this IServiceCollection services, Action<PrivacyPassAttesterOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<PrivacyPassAttesterOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PrivacyPassAttesterOptions>>(new OptionsValidator<PrivacyPassAttesterOptions>(options => options.Validate()));
        services.AddTokenRequests("attester");
        services.TryAddSingleton<IssuerLink>();
        services.TryAddSingleton<IServedDirectory>(static provider => provider.GetRequiredService<IssuerLink>());
        services.TryAddSingleton(static provider => new GeoHints(Options(provider).GeofeedFile));
        services.TryAddSingleton(static provider => ForwardedIssuance.All(provider.GetRequiredService<IssuerLink>(), provider.GetRequiredService<GeoHints>(), Options(provider).MaxBatch));
        services.TryAddSingleton(static provider => new IssuanceLimiter(Options(provider).MaxConcurrency, Options(provider).MaxQueued));
        services.AddHostedService<AttesterStart>();
        return new TokenAttestationBuilder(services);
    }

    /// <summary>
    /// Maps GET /.well-known/private-token-issuer-directory, the issuer's, byte for byte, and POST of the request path. Refusals are those of
    /// <see cref="PrivacyPassIssuerEndpointRouteBuilderExtensions.MapPrivacyPassIssuer"/>; 502 and 504 where the issuer cannot be asked.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>Both endpoints, for conventions such as CORS or host names.</returns>
    public static IEndpointConventionBuilder MapPrivacyPassAttester(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.MapTokenRequests(Options(endpoints.ServiceProvider).RequestPath);
    }

    /// <summary>The directory, and where tokens are asked for.</summary>
    internal static IEndpointConventionBuilder MapTokenRequests(this IEndpointRouteBuilder endpoints, string requestPath)
    {
        RequestDelegate directory = endpoints.ServiceProvider.GetRequiredService<IssuerDirectoryEndpoint>().HandleAsync;
        RequestDelegate request = endpoints.ServiceProvider.GetRequiredService<TokenRequestEndpoint>().HandleAsync;
        var group = endpoints.MapGroup("");
        group.MapMethods(IssuerDirectory.WellKnownPath, [HttpMethods.Get, HttpMethods.Head], directory);
        group.MapPost(requestPath, request);
        return group;
    }

    private static PrivacyPassAttesterOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<PrivacyPassAttesterOptions>>().Value;
}
