using System.Net;
using System.Net.Http.Headers;
using PrivacyPass;
using PrivacyPass.Issuance;

namespace PrivacyRelay.Issuance;

/// <summary>Requests for tokens of one challenge and key: singly (RFC 9578), or many at once (draft-ietf-privacypass-batched-tokens). Safe for concurrent use.</summary>
/// <param name="http">Sends them.</param>
/// <param name="url">Where to.</param>
/// <param name="bearerKey">Sent with each; null for none.</param>
/// <param name="client">Blinds for the key.</param>
/// <param name="challenge">What the tokens answer.</param>
/// <param name="extensions">What they carry, where their type does; null for nothing.</param>
internal sealed class IssuerRequests(HttpClient http, Uri url, string? bearerKey, ITokenClient client, TokenChallenge challenge, TokenExtensions? extensions = null)
{
    /// <summary>One token.</summary>
    /// <exception cref="IssuerException">The issuer gives none.</exception>
    public async Task<byte[]> OneAsync(CancellationToken cancellationToken)
    {
        using var pending = Begin();
        var answer = await SendAsync(
            PrivateTokenMediaTypes.TokenRequest, PrivateTokenMediaTypes.TokenResponse, pending.Request, TokenSizes.TokenResponse(challenge.Type), mayBePartial: false, cancellationToken);
        return Finish(() => pending.Finalize(answer.Body));
    }

    /// <summary>So many tokens in one request; where it is not amortized, the issuer may give fewer.</summary>
    /// <exception cref="IssuerException">The issuer gives none.</exception>
    public Task<IReadOnlyList<byte[]>> BatchAsync(IssuerBatchLimits limits, int count, CancellationToken cancellationToken) =>
        client is IBatchTokenClient batches && limits.Amortized > 0 ? AmortizedAsync(batches, count, cancellationToken) : GenericAsync(count, cancellationToken);

    /// <summary>True for a refusal that single requests may not meet: of batches, of their size, or of a quota that has fewer left.</summary>
    public static bool IsOfBatchesOnly(IssuerException error) => error.StatusCode
        is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.RequestEntityTooLarge
        or HttpStatusCode.UnsupportedMediaType or HttpStatusCode.UnprocessableEntity or HttpStatusCode.TooManyRequests or HttpStatusCode.NotImplemented;

    private async Task<IReadOnlyList<byte[]>> AmortizedAsync(IBatchTokenClient batches, int count, CancellationToken cancellationToken)
    {
        using var pending = batches.CreateBatchRequest(challenge.Encoded.Span, count);
        // As long as the request, but for the header of one and the proof of the other.
        var largest = pending.Request.Length + TokenSizes.TokenResponse(challenge.Type);
        var answer = await SendAsync(
            PrivateTokenMediaTypes.AmortizedBatchRequest, PrivateTokenMediaTypes.AmortizedBatchResponse, pending.Request, largest, mayBePartial: false, cancellationToken);
        return Finish(() => pending.Finalize(answer.Body));
    }

    private async Task<IReadOnlyList<byte[]>> GenericAsync(int count, CancellationToken cancellationToken)
    {
        var pending = new List<PendingToken>(count);
        try
        {
            for (var i = 0; i < count; i++) pending.Add(Begin());
            var request = GenericBatch.WriteRequest(pending.Select(static each => each.Request));
            const int LongestLength = 4;
            var largest = LongestLength + (count * (3 + TokenSizes.TokenResponse(challenge.Type)));
            var answer = await SendAsync(
                PrivateTokenMediaTypes.GenericBatchRequest, PrivateTokenMediaTypes.GenericBatchResponse, request, largest, mayBePartial: true, cancellationToken);
            return Finish(() => Finalize(pending, answer.Body));
        }
        finally
        {
            foreach (var each in pending) each.Dispose();
        }
    }

    private PendingToken Begin() => extensions is not null && client is IExtendedTokenClient extended
        ? extended.CreateRequest(challenge.Encoded.Span, extensions)
        : client.CreateRequest(challenge.Encoded.Span);

    private List<byte[]> Finalize(List<PendingToken> pending, byte[] response)
    {
        if (!GenericBatch.TryReadResponse(response, [.. pending.Select(_ => challenge.Type)], out var places))
            throw new TokenIssuanceException("The batch response is malformed.");
        var tokens = new List<byte[]>(pending.Count);
        for (var i = 0; i < places.Count; i++)
            if (places[i] is { } place) tokens.Add(pending[i].Finalize(response.AsSpan(place)));
        return tokens.Count > 0 ? tokens : throw new TokenIssuanceException("The batch response has no token.");
    }

    private async Task<IssuerAnswer> SendAsync(string requestType, string responseType, ReadOnlyMemory<byte> body, int largest, bool mayBePartial, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(requestType);
        request.Headers.Accept.ParseAdd(responseType);
        if (bearerKey is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearerKey);
        return await IssuerHttp.SendAsync(http, request, largest, cancellationToken, mayBePartial);
    }

    private T Finish<T>(Func<T> finalize)
    {
        try
        {
            return finalize();
        }
        catch (TokenIssuanceException e)
        {
            throw new IssuerException($"{url} answered with no token that verifies: {e.Message}", e);
        }
    }
}
