using Microsoft.AspNetCore.Http;
using PrivacyPass.AspNetCore.Keys;

namespace PrivacyPass.AspNetCore.Issuance.Extensions;

/// <summary>
/// Decides which extensions an issuer signs into tokens with public metadata (type 0xDA7A). Proxies believe what is signed, and everybody
/// sees it: sign only what is true, and what many share. Safe for concurrent use.
/// </summary>
public interface ITokenExtensionPolicy
{
    /// <summary>Null to sign them; or one sentence for the client that says why not (HTTP 400).</summary>
    /// <param name="context">The request, by which the client may be known.</param>
    /// <param name="key">The key that would sign.</param>
    /// <param name="extensions">What the client asks for.</param>
    string? Refuse(HttpContext context, IssuerKey key, TokenExtensions extensions);
}
