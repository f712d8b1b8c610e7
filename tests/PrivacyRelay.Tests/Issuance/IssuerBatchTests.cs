using System.Net;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyRelay.Issuance;

namespace PrivacyRelay.Tests.Issuance;

public sealed class IssuerBatchTests : IDisposable
{
    private readonly FakeIssuer _issuer = new() { BatchLimits = new IssuerBatchLimits(100, 100) };
    private readonly IssuerClient _client;

    // Its handler and its client hold nothing of the machine.
    public IssuerBatchTests() => _client = new IssuerClient(new HttpClient(_issuer), FakeIssuer.DirectoryUrl);

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Tokens_of_type_1_come_amortized_all_16_in_one_round_trip()
    {
        await AssertGetsAsync(16);
        Assert.Equal([PrivateTokenMediaTypes.AmortizedBatchRequest], _issuer.MediaTypes);
    }

    [Fact]
    public async Task Tokens_of_type_2_come_in_one_generic_batch()
    {
        using var key = TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048);
        _issuer.Key = _issuer.Published = key;
        await AssertGetsAsync(16);
        Assert.Equal([PrivateTokenMediaTypes.GenericBatchRequest], _issuer.MediaTypes);
    }

    [Fact]
    public async Task Where_the_issuer_amortizes_nothing_its_generic_batches_are_taken()
    {
        _issuer.BatchLimits = new IssuerBatchLimits(0, 100);
        await AssertGetsAsync(4);
        Assert.Equal([PrivateTokenMediaTypes.GenericBatchRequest], _issuer.MediaTypes);
    }

    [Fact]
    public async Task More_tokens_than_a_batch_may_have_come_in_several()
    {
        _issuer.BatchLimits = new IssuerBatchLimits(3, 3);
        await AssertGetsAsync(8);
        Assert.Equal(3, _issuer.MediaTypes.Count(type => type == PrivateTokenMediaTypes.AmortizedBatchRequest));
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 1)]
    public async Task Without_batches_in_the_directory_and_for_one_token_requests_are_single(bool says, int count)
    {
        if (!says) _issuer.BatchLimits = null;
        await AssertGetsAsync(count);
        Assert.Equal(Enumerable.Repeat(PrivateTokenMediaTypes.TokenRequest, count), _issuer.MediaTypes);
    }

    [Theory]
    [InlineData(HttpStatusCode.UnsupportedMediaType)]
    [InlineData(HttpStatusCode.UnprocessableEntity)]
    [InlineData(HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task An_issuer_that_refuses_the_batch_is_asked_singly(HttpStatusCode refusal)
    {
        _issuer.Answer = number => number == 1 ? new HttpResponseMessage(refusal) : null;
        await AssertGetsAsync(3);
        Assert.Equal(4, _issuer.MediaTypes.Count);
    }

    [Fact]
    public async Task What_a_partial_batch_leaves_out_is_asked_for_singly()
    {
        _issuer.BatchLimits = new IssuerBatchLimits(0, 100);
        _issuer.GenericRefusals = 2;
        await AssertGetsAsync(5);
        Assert.Equal(3, _issuer.MediaTypes.Count);
    }

    [Fact]
    public async Task Of_a_quota_with_fewer_left_the_last_ones_come()
    {
        // The batch and the third single request are over the quota.
        _issuer.Answer = number => number is 1 or > 3 ? new HttpResponseMessage(HttpStatusCode.TooManyRequests) : null;
        var error = await Assert.ThrowsAsync<IssuerException>(() => _client.RequestTokensAsync(_issuer.Challenge, null, 16, CancellationToken.None));
        Assert.Equal(HttpStatusCode.TooManyRequests, error.StatusCode);
        Assert.Equal(2, error.Tokens.Count);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task A_refusal_that_single_requests_would_meet_too_is_not_tried_again(HttpStatusCode refusal)
    {
        _issuer.Answer = _ => new HttpResponseMessage(refusal);
        var error = await Assert.ThrowsAsync<IssuerException>(() => _client.RequestTokensAsync(_issuer.Challenge, null, 16, CancellationToken.None));
        Assert.Equal(refusal, error.StatusCode);
        Assert.Single(_issuer.MediaTypes);
    }

    [Fact]
    public async Task A_batch_that_another_key_signed_gives_no_token()
    {
        using var other = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);
        _issuer.Answer = _ =>
        {
            using var client = (IBatchTokenClient)TokenCryptography.CreateClient(TokenType.VoprfP384, other.PublicKey.Span);
            using var pending = client.CreateBatchRequest("other"u8, 16);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(((IBatchTokenIssuer)other).IssueBatch(pending.Request.Span)) };
        };
        var error = await Assert.ThrowsAsync<IssuerException>(() => _client.RequestTokensAsync(_issuer.Challenge, null, 16, CancellationToken.None));
        Assert.Empty(error.Tokens);
    }

    private async Task AssertGetsAsync(int count)
    {
        var tokens = await _client.RequestTokensAsync(_issuer.Challenge, null, count, CancellationToken.None);
        Assert.Equal(count, tokens.Select(Convert.ToHexString).Distinct(StringComparer.Ordinal).Count());
        using var verifier = _issuer.Key.CreateVerifier();
        foreach (var token in tokens) Assert.True(TokenView.TryRead(token, out var view) && verifier.Verify(view));
    }
}
