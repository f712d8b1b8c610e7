using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>
/// Whether a request is asked for a token. The middleware of ASP.NET Core authenticates every request by the default scheme, which a
/// single scheme is without being named so; a token must not be spent by that at a page that is open to all.
/// </summary>
internal static class TokenDemand
{
    /// <summary>True when the policy of the request's endpoint (or the fallback policy) wants the scheme's answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="scheme">The name of the scheme.</param>
    /// <param name="mayBeUnasked">
    /// True while the default authentication may be what asks: it does so once, before anything else. Later it is a policy that leads to
    /// the scheme by another one's name, or the application itself.
    /// </param>
    public static async ValueTask<bool> IsMadeAsync(HttpContext context, string scheme, bool mayBeUnasked)
    {
        var endpoint = context.GetEndpoint();
        var policy = await PolicyOfAsync(context, endpoint);
        // The authorization middleware authenticates by the schemes of a policy even where AllowAnonymous then lets everybody in.
        if (policy is not null && (policy.AuthenticationSchemes.Count == 0 || policy.AuthenticationSchemes.Contains(scheme, StringComparer.Ordinal)))
            return !IsOpenToAll(endpoint);
        return !(mayBeUnasked && await IsByDefaultAsync(context, scheme));
    }

    /// <summary>What the policy of the request's endpoint wants of a token.</summary>
    public static async ValueTask<IReadOnlyList<PrivateTokenRequirement>> RequirementsAsync(HttpContext context) =>
        await PolicyOfAsync(context, context.GetEndpoint()) is { } policy ? [.. policy.Requirements.OfType<PrivateTokenRequirement>()] : [];

    /// <summary>A filter of MVC too authenticates before it looks whether everybody may come in.</summary>
    private static bool IsOpenToAll(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is not null || FiltersOf(endpoint).OfType<IAllowAnonymousFilter>().Any();

    private static IEnumerable<object> FiltersOf(Endpoint? endpoint) =>
        endpoint?.Metadata.GetMetadata<ActionDescriptor>()?.FilterDescriptors.Select(static each => (object)each.Filter) ?? [];

    /// <summary>As the authorization middleware, and the filters of MVC, combine it.</summary>
    private static async ValueTask<AuthorizationPolicy?> PolicyOfAsync(HttpContext context, Endpoint? endpoint)
    {
        if (context.RequestServices.GetService<IAuthorizationPolicyProvider>() is not { } policies) return null;
        IEnumerable<IAuthorizeData> data = endpoint?.Metadata.GetOrderedMetadata<IAuthorizeData>() ?? [];
        List<AuthorizationPolicy> own = [.. endpoint?.Metadata.GetOrderedMetadata<AuthorizationPolicy>() ?? []];
        foreach (var filter in FiltersOf(endpoint).OfType<AuthorizeFilter>())
            if ((filter.Policy ?? await AuthorizationPolicy.CombineAsync(filter.PolicyProvider ?? policies, filter.AuthorizeData ?? [])) is { } ofFilter) own.Add(ofFilter);
        var policy = await AuthorizationPolicy.CombineAsync(policies, data, own);
        if (endpoint?.Metadata.GetOrderedMetadata<IAuthorizationRequirementData>() is not { Count: > 0 } requirements) return policy;
        var required = new AuthorizationPolicyBuilder().AddRequirements([.. requirements.SelectMany(static each => each.GetRequirements())]).Build();
        return policy is null ? required : AuthorizationPolicy.Combine(policy, required);
    }

    /// <summary>True when the default authentication leads to the scheme: it is the default, or the default forwards to others.</summary>
    private static async ValueTask<bool> IsByDefaultAsync(HttpContext context, string scheme)
    {
        if (context.Features.Get<IAuthenticationFeature>() is null) return false;
        var schemes = context.RequestServices.GetRequiredService<IAuthenticationSchemeProvider>();
        if (await schemes.GetDefaultAuthenticateSchemeAsync() is not { } byDefault) return false;
        if (byDefault.Name == scheme) return true;
        var handler = await context.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>().GetHandlerAsync(context, byDefault.Name);
        // Every AuthenticationHandler<TOptions> has them, but no type without TOptions does.
        var options = handler?.GetType().GetProperty("Options")?.GetValue(handler) as AuthenticationSchemeOptions;
        return options is not null && (options.ForwardAuthenticate ?? options.ForwardDefault ?? options.ForwardDefaultSelector as object) is not null;
    }
}
