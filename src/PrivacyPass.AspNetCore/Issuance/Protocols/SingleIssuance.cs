using Microsoft.AspNetCore.Http;
using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Issuance.Protocols;

/// <summary>One TokenRequest (RFC 9578, sections 5 and 6).</summary>
internal sealed class SingleIssuance(IssuerKeyRing keys, ITokenExtensionPolicy extensions) : IssuanceProtocol
{
    public override string RequestType => PrivateTokenMediaTypes.TokenRequest;

    public override string ResponseType => PrivateTokenMediaTypes.TokenResponse;

    /// <summary>Of one request, with the most extensions.</summary>
    public const int Largest = 4096;

    public override int LargestBody => Largest;

    /// <summary>The answer to what is no request: the metadata draft wants 400 where RFC 9578 wants 422.</summary>
    public static IssuancePlan Malformed(ReadOnlySpan<byte> body, string reason) =>
        IssuancePlan.Refused(body.StartsWith((ReadOnlySpan<byte>)[0xDA, 0x7A]) ? StatusCodes.Status400BadRequest : StatusCodes.Status422UnprocessableEntity, reason);

    public override IssuancePlan Plan(HttpContext context, ReadOnlyMemory<byte> body)
    {
        if (!TokenRequestView.TryRead(body.Span, out var request) || keys.Find(request.Type, request.TruncatedKeyId) is not { } key)
            return Malformed(body.Span, "No key of this issuer is meant, or the size is not that of the token type.");

        return Refuse(context, key, request.Extensions) is { } reason
            ? IssuancePlan.Refused(StatusCodes.Status400BadRequest, reason)
            : IssuancePlan.Of(key.Type, 1, () => key.Issue(body.Span));
    }

    /// <summary>Why the extensions of a request are not signed; null when they are, or there are none to sign.</summary>
    internal string? Refuse(HttpContext context, IssuerKey key, ReadOnlySpan<byte> encoded)
    {
        if (!TokenSizes.HasExtensions(key.Type)) return null;
        return encoded.Length <= TokenExtensions.LargestRead && TokenExtensions.TryRead(encoded, out var read)
            ? extensions.Refuse(context, key, read!)
            : "The extensions are malformed, or too many.";
    }
}
