using System.Net;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>draft-ietf-privacypass-batched-tokens over HTTP.</summary>
public sealed class BatchIssuanceTests
{
    private static readonly byte[] _challenge = new TokenChallenge(TokenType.VoprfP384, "issuer.example", [], "").Encoded.ToArray();

    [Fact]
    public async Task A_batch_of_type_1_is_answered_with_as_many_tokens_that_verify()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var pending = Amortized(issuer, 16);

        using var response = await issuer.PostAsync(pending.Request, PrivateTokenMediaTypes.AmortizedBatchRequest);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(PrivateTokenMediaTypes.AmortizedBatchResponse, response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        var tokens = pending.Finalize(await response.Content.ReadAsByteArrayAsync());
        using var verifier = issuer.Keys.Keys.First(key => key.Type == TokenType.VoprfP384).CreateVerifier();
        Assert.Equal(16, tokens.Count);
        Assert.All(tokens, token => Assert.True(TokenView.TryRead(token, out var view) && verifier.Verify(view)));
    }

    [Fact]
    public async Task A_generic_batch_of_two_types_is_answered_in_its_order()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        TokenType[] types = [TokenType.BlindRsa2048, TokenType.VoprfP384, TokenType.BlindRsa2048];
        var pending = types.Select(issuer.CreateRequest).ToList();

        using var response = await issuer.PostAsync(GenericBatch.WriteRequest(pending.Select(each => each.Request)), PrivateTokenMediaTypes.GenericBatchRequest);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(PrivateTokenMediaTypes.GenericBatchResponse, response.Content.Headers.ContentType?.ToString());
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(GenericBatch.TryReadResponse(body, types, out var places));
        for (var i = 0; i < types.Length; i++) Assert.Equal(TokenSizes.Token(types[i]), pending[i].Finalize(body.AsSpan(places[i]!.Value)).Length);
    }

    [Fact]
    public async Task A_generic_batch_with_a_request_that_cannot_be_issued_is_answered_with_206_and_the_others()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var good = issuer.CreateRequest();
        using var ofAnotherKey = issuer.CreateRequest(TokenType.VoprfP384);
        using var offTheCurve = issuer.CreateRequest(TokenType.VoprfP384);
        byte[] unknown = [.. ofAnotherKey.Request.ToArray()[..2], (byte)(ofAnotherKey.Request.Span[2] + 1), .. ofAnotherKey.Request.ToArray()[3..]];
        byte[] bad = [.. offTheCurve.Request.ToArray()[..4], .. Enumerable.Repeat((byte)0xFF, 48)];

        using var response = await issuer.PostAsync(GenericBatch.WriteRequest([unknown, good.Request, bad]), PrivateTokenMediaTypes.GenericBatchRequest);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(GenericBatch.TryReadResponse(body, [TokenType.VoprfP384, TokenType.BlindRsa2048, TokenType.VoprfP384], out var places));
        Assert.Equal([false, true, false], places.Select(place => place is not null));
        Assert.Equal(354, good.Finalize(body.AsSpan(places[1]!.Value)).Length);

        using var none = await issuer.PostAsync(GenericBatch.WriteRequest([unknown, unknown]), PrivateTokenMediaTypes.GenericBatchRequest);
        using var notOne = await issuer.PostAsync(GenericBatch.WriteRequest([bad]), PrivateTokenMediaTypes.GenericBatchRequest);
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, notOne.StatusCode);
    }

    [Fact]
    public async Task A_batch_over_the_limit_empty_cut_or_with_an_element_that_is_none_is_refused_with_422()
    {
        await using var issuer = await IssuerApplication.StartAsync(configure: options => options.MaxBatch = 4);
        using var pending = Amortized(issuer, 4);
        using var over = Amortized(issuer, 5);
        var request = pending.Request.ToArray();
        await RefusedAsync(over.Request.ToArray());
        await RefusedAsync([]);
        await RefusedAsync([0, 1, request[2], 0]);
        await RefusedAsync(request[..^1]);
        await RefusedAsync([.. request[..2], (byte)(request[2] ^ 1), .. request[3..]]);
        await RefusedAsync([0, 2, .. request[2..]]);
        await RefusedAsync([.. request[..^49], .. new byte[49]]);
        await RefusedAsync([.. request[..^49], 2, .. Enumerable.Repeat((byte)0xFF, 48)]);
        using var single = issuer.CreateRequest();
        await RefusedAsync([0], PrivateTokenMediaTypes.GenericBatchRequest);
        await RefusedAsync([2, 0, 9], PrivateTokenMediaTypes.GenericBatchRequest);
        await RefusedAsync(GenericBatch.WriteRequest(Enumerable.Repeat(single.Request, 5)), PrivateTokenMediaTypes.GenericBatchRequest);
        using var good = await issuer.PostAsync(request, PrivateTokenMediaTypes.AmortizedBatchRequest);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);

        async Task RefusedAsync(byte[] body, string mediaType = PrivateTokenMediaTypes.AmortizedBatchRequest)
        {
            using var response = await issuer.PostAsync(body, mediaType);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
            Assert.DoesNotContain("   at ", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(PrivateTokenMediaTypes.AmortizedBatchRequest)]
    [InlineData(PrivateTokenMediaTypes.GenericBatchRequest)]
    public async Task A_body_larger_than_any_batch_is_refused_with_413(string mediaType)
    {
        await using var issuer = await IssuerApplication.StartAsync(configure: options => options.MaxBatch = 4);
        using var response = await issuer.PostAsync(new byte[60_000], mediaType);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task The_directory_says_how_large_batches_may_be_and_without_any_their_media_types_are_unknown()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        Assert.Equal(new IssuerBatchLimits(100, 100), (await issuer.GetDirectoryAsync()).BatchLimits);
        await using var without = await IssuerApplication.StartAsync(configure: options => options.MaxBatch = 0);
        Assert.Null((await without.GetDirectoryAsync()).BatchLimits);
        using var pending = Amortized(without, 2);
        using var response = await without.PostAsync(pending.Request, PrivateTokenMediaTypes.AmortizedBatchRequest);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task A_batch_takes_all_its_tokens_from_the_quota_or_none()
    {
        await using var issuer = await IssuerApplication.StartAsync(builder =>
            builder.UseBearerKeys(options => options.Keys.Add(new BearerKey { Key = "a-key-of-a-customer", Quota = 5 })));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(6));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(3));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(3));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(2));

        async Task<HttpStatusCode> AskAsync(int count)
        {
            using var pending = Amortized(issuer, count);
            using var response = await issuer.PostAsync(pending.Request, PrivateTokenMediaTypes.AmortizedBatchRequest, "Bearer a-key-of-a-customer");
            return response.StatusCode;
        }
    }

    private static PendingTokenBatch Amortized(IssuerApplication issuer, int count)
    {
        var key = issuer.Keys.Keys.First(key => key.Type == TokenType.VoprfP384);
        var client = (IBatchTokenClient)TokenCryptography.CreateClient(TokenType.VoprfP384, key.PublicKey.Span);
        return client.CreateBatchRequest(_challenge, count);
    }
}
