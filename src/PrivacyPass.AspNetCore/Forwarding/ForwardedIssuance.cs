using Microsoft.AspNetCore.Http;
using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyPass.AspNetCore.Issuance.Protocols;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Forwarding;

/// <summary>One way to ask for tokens, passed on to the issuer: here a request is read as far as to know how many it is for.</summary>
/// <param name="requestType">The media type of the request.</param>
/// <param name="responseType">That of the answer.</param>
/// <param name="largest">Of a request, in bytes.</param>
/// <param name="issuer">Makes the tokens.</param>
/// <param name="read">Counts the tokens, or refuses.</param>
internal sealed class ForwardedIssuance(
    string requestType, string responseType, int largest, IssuerLink issuer, Func<HttpContext, ReadOnlyMemory<byte>, ForwardedRequest> read) : IssuanceProtocol
{
    public override string RequestType => requestType;

    public override string ResponseType => responseType;

    public override int LargestBody => largest;

    /// <summary>All that an attester takes.</summary>
    /// <param name="issuer">Makes the tokens.</param>
    /// <param name="hints">Which places are vouched for.</param>
    /// <param name="most">Tokens of a batch.</param>
    public static IssuanceProtocols All(IssuerLink issuer, GeoHints hints, int most)
    {
        var single = new ForwardedIssuance(PrivateTokenMediaTypes.TokenRequest, PrivateTokenMediaTypes.TokenResponse, SingleIssuance.Largest, issuer, (context, body) => ReadOne(context, body, hints));
        if (most == 0) return new IssuanceProtocols([single]);
        return new IssuanceProtocols(
        [
            single,
            new ForwardedIssuance(
                PrivateTokenMediaTypes.AmortizedBatchRequest, PrivateTokenMediaTypes.AmortizedBatchResponse, AmortizedIssuance.Largest(most), issuer, (_, body) => ReadAmortized(body, most)),
            new ForwardedIssuance(
                PrivateTokenMediaTypes.GenericBatchRequest, PrivateTokenMediaTypes.GenericBatchResponse, GenericIssuance.Largest(most), issuer,
                (context, body) => ReadGeneric(context, body, most, hints)),
        ]);
    }

    public override IssuancePlan Plan(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var asked = read(context, body);
        if (asked.Refusal is { } refusal) return refusal;
        // A copy: a request that is given up may still be read by the connection to the issuer when the buffer is somebody else's.
        return IssuancePlan.Of(asked.Tokens, cancellationToken => issuer.RequestAsync(requestType, responseType, body.ToArray(), largest, cancellationToken));
    }

    private static ForwardedRequest ReadOne(HttpContext context, ReadOnlyMemory<byte> body, GeoHints hints)
    {
        if (!TokenRequestView.TryRead(body.Span, out var request)) return new([], SingleIssuance.Malformed(body.Span, "The token type is not known, or the size is not its."));
        return RefuseHint(context, request, hints) is { } reason
            ? new([], IssuancePlan.Refused(StatusCodes.Status400BadRequest, reason))
            : new([(request.Type, 1)], null);
    }

    private static ForwardedRequest ReadAmortized(ReadOnlyMemory<byte> body, int most)
    {
        if (!AmortizedBatchRequestView.TryRead(body.Span, out var request))
            return new([], IssuancePlan.Refused(StatusCodes.Status422UnprocessableEntity, "The token type is not known, or the size is not that of a batch."));
        return request.Count > most ? new([], AmortizedIssuance.TooMany(most)) : new([(request.Type, request.Count)], null);
    }

    private static ForwardedRequest ReadGeneric(HttpContext context, ReadOnlyMemory<byte> body, int most, GeoHints hints)
    {
        if (!GenericBatch.TryReadRequest(body.Span, most, out var ranges)) return new([], IssuancePlan.Refused(StatusCodes.Status422UnprocessableEntity, GenericIssuance.TooMany(most)));
        Dictionary<TokenType, int> counts = [];
        foreach (var range in ranges)
        {
            // The issuer need not be asked where one place is a lie.
            if (!TokenRequestView.TryRead(body.Span[range], out var request)) return new([], IssuancePlan.Refused(StatusCodes.Status422UnprocessableEntity, GenericIssuance.TooMany(most)));
            if (RefuseHint(context, request, hints) is { } reason) return new([], IssuancePlan.Refused(StatusCodes.Status400BadRequest, reason));
            counts[request.Type] = counts.GetValueOrDefault(request.Type) + 1;
        }

        return counts.Count == 0
            ? new([], IssuancePlan.Refused(StatusCodes.Status422UnprocessableEntity, GenericIssuance.TooMany(most)))
            : new([.. counts.Select(static pair => (pair.Key, pair.Value))], null);
    }

    private static string? RefuseHint(HttpContext context, TokenRequestView request, GeoHints hints)
    {
        if (!TokenSizes.HasExtensions(request.Type)) return null;
        return request.Extensions.Length <= TokenExtensions.LargestRead && TokenExtensions.TryRead(request.Extensions, out var extensions)
            ? hints.Refuse(context, extensions!)
            : "The extensions are malformed, or too many.";
    }
}

/// <summary>What a request asks for, or why it is not passed on.</summary>
internal readonly record struct ForwardedRequest(IReadOnlyList<(TokenType Type, int Count)> Tokens, IssuancePlan? Refusal);
