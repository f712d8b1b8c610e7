using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Issuance;

namespace PrivacyPass.AspNetCore;

/// <summary>The endpoints of a Privacy Pass issuer.</summary>
public static class PrivacyPassIssuerEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps GET /.well-known/private-token-issuer-directory and POST of the request path (RFC 9578, sections 4, 5 and 6), for one token or a batch.
    /// Token requests are answered with 200, or 206 where only some of a generic batch were issued; 413 and 415 for what is none by size or
    /// media type; 422 for a wrong type, size, key or blinded element; 400 for a generic batch of which none can be issued, and for a request
    /// of type 0xDA7A; 401, 403 or 429 by the attester; 503 with Retry-After when too many wait.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>Both endpoints, for conventions such as CORS or host names.</returns>
    public static IEndpointConventionBuilder MapPrivacyPassIssuer(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.MapTokenRequests(endpoints.ServiceProvider.GetRequiredService<IOptions<PrivacyPassIssuerOptions>>().Value.RequestPath);
    }
}
