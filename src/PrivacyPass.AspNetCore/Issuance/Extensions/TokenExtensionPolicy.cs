using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Issuance.Extensions;

/// <summary>Signs an expiration within bounds, and the place that the geofeed gives the client's address; nothing else.</summary>
internal sealed class TokenExtensionPolicy(IOptions<PrivacyPassIssuerOptions> options, GeoHints hints, TimeProvider time) : ITokenExtensionPolicy
{
    private readonly TokenExtensionOptions _options = options.Value.Extensions;

    public string? Refuse(HttpContext context, IssuerKey key, TokenExtensions extensions)
    {
        if (extensions.Items.Any(static item => item.Type is not (TokenExtension.ExpirationType or TokenExtension.GeoHintType)))
            return "This issuer signs an expiration and a geographic hint only.";
        return RefuseExpiration(key, extensions) ?? hints.Refuse(context, extensions);
    }

    private string? RefuseExpiration(IssuerKey key, TokenExtensions extensions)
    {
        if (!extensions.TryGetExpiration(out var read) || read is not { } expiration) return "An expiration is needed.";
        var now = time.GetUtcNow();
        // A client that rounds up may be one precision beyond.
        if (expiration <= now || expiration > now + _options.LongestLife + _options.LeastPrecision || expiration > key.NotAfter)
            return "The expiration is past, or too far ahead.";
        return expiration.ToUnixTimeSeconds() % (long)_options.LeastPrecision.TotalSeconds == 0 ? null : "The expiration is too precise.";
    }
}
