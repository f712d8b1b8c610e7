using Microsoft.AspNetCore.Http;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Issuance.Protocols;

/// <summary>Many tokens of one key with one proof (draft-ietf-privacypass-batched-tokens, section 5).</summary>
internal sealed class AmortizedIssuance(IssuerKeyRing keys, int most) : IssuanceProtocol
{
    public override string RequestType => PrivateTokenMediaTypes.AmortizedBatchRequest;

    public override string ResponseType => PrivateTokenMediaTypes.AmortizedBatchResponse;

    public override int LargestBody => Largest(most);

    /// <summary>Of a request for so many tokens. One more than is taken, so that somewhat too many gets the status of too many.</summary>
    public static int Largest(int most) => 16 + ((most + 1) * TokenSizes.BlindedMessage(TokenType.VoprfP384));

    public static IssuancePlan TooMany(int most) => IssuancePlan.Refused(StatusCodes.Status422UnprocessableEntity, $"A batch is of at most {most} tokens.");

    public override IssuancePlan Plan(HttpContext context, ReadOnlyMemory<byte> body)
    {
        if (!AmortizedBatchRequestView.TryRead(body.Span, out var request) || keys.Find(request.Type, request.TruncatedKeyId) is not { } key)
            return IssuancePlan.Refused(StatusCodes.Status422UnprocessableEntity, "No key of this issuer is meant, or the size is not that of a batch of the token type.");
        if (request.Count > most) return TooMany(most);
        return IssuancePlan.Of(key.Type, request.Count, () => key.IssueBatch(body.Span));
    }
}
