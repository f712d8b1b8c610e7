using System.Net;
using Microsoft.AspNetCore.Http;
using PrivacyPass.AspNetCore.Attestation;

namespace PrivacyPass.AspNetCore.Tests;

public sealed class IssuanceLoadTests
{
    [Fact]
    public async Task A_request_beyond_the_queue_is_refused_with_503_and_Retry_After()
    {
        await using var issuer = await IssuerApplication.StartAsync(configure: options => (options.MaxConcurrency, options.MaxQueued) = (1, 0));
        using var pending = issuer.CreateRequest();
        HttpStatusCode status;
        using (await issuer.Limiter.EnterAsync(CancellationToken.None))
        {
            using var refused = await issuer.PostAsync(pending.Request);
            status = refused.StatusCode;
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        using var afterwards = await issuer.PostAsync(pending.Request);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(HttpStatusCode.OK, afterwards.StatusCode);
    }

    [Fact]
    public async Task A_request_within_the_queue_waits_for_its_turn()
    {
        await using var issuer = await IssuerApplication.StartAsync(configure: options => (options.MaxConcurrency, options.MaxQueued) = (1, 1));
        using var pending = issuer.CreateRequest();
        Task<HttpResponseMessage> waiting;
        using (await issuer.Limiter.EnterAsync(CancellationToken.None)) waiting = issuer.PostAsync(pending.Request);

        using var response = await waiting;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Rotating_under_load_fails_no_request()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var pending = issuer.CreateRequest();

        var requests = Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => issuer.PostAsync(pending.Request))));
        issuer.Time.Advance(TimeSpan.FromDays(29.5));
        for (var i = 0; i < 20; i++) issuer.Keys.Rotate();

        Assert.All(await requests, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
    }

    [Fact]
    public async Task An_attester_of_ones_own_is_asked_with_the_token_type()
    {
        await using var issuer = await IssuerApplication.StartAsync(builder => builder.UseAttester<OnlyTypeOne>());
        using var typeOne = issuer.CreateRequest(TokenType.VoprfP384);
        using var typeTwo = issuer.CreateRequest(TokenType.BlindRsa2048);

        using var allowed = await issuer.PostAsync(typeOne.Request);
        using var refused = await issuer.PostAsync(typeTwo.Request);

        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    private sealed class OnlyTypeOne : ITokenRequestAttester
    {
        public string Description => "Type 1 only.";

        public ValueTask<AttestationResult> AttestAsync(HttpContext context, TokenType type, CancellationToken cancellationToken) =>
            ValueTask.FromResult(type == TokenType.VoprfP384 ? AttestationResult.Allowed : AttestationResult.Forbidden("Type 1 only."));
    }
}
