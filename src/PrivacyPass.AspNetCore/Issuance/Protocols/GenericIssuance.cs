using Microsoft.AspNetCore.Http;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Issuance.Protocols;

/// <summary>Many TokenRequests of any types and keys (draft-ietf-privacypass-batched-tokens, section 6): each is issued, or not, by itself.</summary>
internal sealed class GenericIssuance(IssuerKeyRing keys, SingleIssuance single, int most) : IssuanceProtocol
{
    // A request with the extensions that fit into one by itself is rare: some room for them, not for all at once.
    private const int RoomForExtensions = 64;

    private const string NoneAnswered = "None of the requests can be answered.";

    public override string RequestType => PrivateTokenMediaTypes.GenericBatchRequest;

    public override string ResponseType => PrivateTokenMediaTypes.GenericBatchResponse;

    public override int LargestBody => Largest(most);

    /// <summary>Of a request for so many tokens.</summary>
    public static int Largest(int most) => SingleIssuance.Largest + ((most + 1) * (TokenSizes.TokenRequest(TokenType.BlindRsa2048) + RoomForExtensions));

    public static string TooMany(int most) => $"This is no batch of at most {most} requests of token types that are known.";

    public override IssuancePlan Plan(HttpContext context, ReadOnlyMemory<byte> body)
    {
        if (!GenericBatch.TryReadRequest(body.Span, most, out var ranges))
            return IssuancePlan.Refused(StatusCodes.Status422UnprocessableEntity, TooMany(most));

        List<(ReadOnlyMemory<byte> Request, TokenType Type, IssuerKey? Key)> parts = [];
        foreach (var range in ranges) parts.Add(Part(context, body[range]));
        var wanted = parts.Where(static part => part.Key is not null).CountBy(static part => part.Type).Select(static group => (group.Key, group.Value)).ToList();
        return wanted.Count == 0
            ? IssuancePlan.Refused(StatusCodes.Status400BadRequest, NoneAnswered)
            : IssuancePlan.Of(wanted, () => Issue(parts));
    }

    /// <summary>A request and the key it names; no key where it is not answered.</summary>
    private (ReadOnlyMemory<byte>, TokenType, IssuerKey?) Part(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        TokenRequestView.TryRead(bytes.Span, out var request);
        var key = keys.Find(request.Type, request.TruncatedKeyId);
        return (bytes, request.Type, key is not null && single.Refuse(context, key, request.Extensions) is null ? key : null);
    }

    private static IssuanceAnswer Issue(List<(ReadOnlyMemory<byte> Request, TokenType Type, IssuerKey? Key)> parts)
    {
        var responses = parts.ConvertAll(static part => (part.Type, Response: TryIssue(part.Key, part.Request.Span)));
        var issued = responses.Count(static each => each.Response is not null);
        if (issued == 0) return IssuanceAnswer.Refused(StatusCodes.Status400BadRequest, NoneAnswered);
        return new IssuanceAnswer(issued == parts.Count ? StatusCodes.Status200OK : StatusCodes.Status206PartialContent, GenericBatch.WriteResponse(responses));
    }

    private static byte[]? TryIssue(IssuerKey? key, ReadOnlySpan<byte> request)
    {
        try
        {
            return key?.Issue(request);
        }
        catch (TokenIssuanceException)
        {
            return null;
        }
    }
}
