using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PrivacyPass.AspNetCore.Attestation;
using PrivacyPass.AspNetCore.Forwarding;
using PrivacyPass.Issuance;
using ProofOfWork;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>An attester of its own before an issuer (RFC 9576, section 4).</summary>
public sealed class ForwardingTests
{
    private const string Key = "Bearer a-key-of-a-customer";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task The_issuer_is_told_the_request_and_nothing_of_who_asks()
    {
        // With somebody who listens to traces each request has one, whose id the client has sent.
        using var traces = new ActivityListener { ShouldListenTo = static _ => true, Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(traces);
        await using var attester = Start(quota: 10);
        using var pending = attester.CreateRequest();

        using var answer = await attester.PostAsync(pending.Request, Key);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(PrivateTokenMediaTypes.TokenResponse, answer.Content.Headers.ContentType!.MediaType);
        Assert.NotEmpty(pending.Finalize(await answer.Content.ReadAsByteArrayAsync()));
        Assert.Equal(["accept", "content-length", "content-type", "host"], Assert.Single(attester.Seen).Keys.Select(static name => name.ToLowerInvariant()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_batch_counts_as_many_as_it_asks_for()
    {
        await using var attester = Start(quota: 10);
        using var first = attester.CreateBatch(7);
        using var second = attester.CreateBatch(4);
        using var third = attester.CreateBatch(3);
        async Task<HttpResponseMessage> AskAsync(PendingTokenBatch batch) => await attester.PostAsync(batch.Request, Key, PrivateTokenMediaTypes.AmortizedBatchRequest);

        using var issued = await AskAsync(first);
        using var tooMany = await AskAsync(second);
        using var last = await AskAsync(third);

        Assert.Equal(7, first.Finalize(await issued.Content.ReadAsByteArrayAsync()).Count);
        Assert.Equal(HttpStatusCode.TooManyRequests, tooMany.StatusCode);
        Assert.True(tooMany.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.Equal("text/plain", tooMany.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
        Assert.Equal(2, attester.Seen.Count);
    }

    [Theory]
    [InlineData(null, "application/private-token-request", 52, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer another-key-0123456", "application/private-token-request", 52, HttpStatusCode.Unauthorized)]
    [InlineData(Key, "application/json", 52, HttpStatusCode.UnsupportedMediaType)]
    [InlineData(Key, "application/private-token-request", 5000, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(Key, "application/private-token-request", 51, HttpStatusCode.UnprocessableEntity)]
    [InlineData(Key, "application/private-token-amortized-batch-request", 3, HttpStatusCode.UnprocessableEntity)]
    [InlineData(Key, "application/private-token-generic-batch-request", 3, HttpStatusCode.UnprocessableEntity)]
    public async Task What_is_no_request_of_a_client_of_its_never_reaches_the_issuer(string? authorization, string mediaType, int size, HttpStatusCode expected)
    {
        await using var attester = Start(quota: 1);
        var body = new byte[size];
        body[1] = 1;

        using var answer = await attester.PostAsync(body, authorization, mediaType);

        Assert.Equal(expected, answer.StatusCode);
        Assert.DoesNotContain("   at ", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(attester.Seen);
        // And costs nothing.
        using var pending = attester.CreateRequest();
        using var good = await attester.PostAsync(pending.Request, Key);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Theory]
    [InlineData(403, HttpStatusCode.BadGateway, true)]
    [InlineData(500, HttpStatusCode.BadGateway, true)]
    [InlineData(503, HttpStatusCode.ServiceUnavailable, true)]
    [InlineData(200, HttpStatusCode.BadGateway, true)]
    [InlineData(422, HttpStatusCode.UnprocessableEntity, false)]
    [InlineData(400, HttpStatusCode.BadRequest, false)]
    public async Task What_the_issuer_refuses_is_passed_on_and_what_it_fails_in_costs_the_client_nothing(int status, HttpStatusCode expected, bool isGivenBack)
    {
        await using var attester = Start(quota: 1);
        using var pending = attester.CreateRequest();
        attester.Instead = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["X-Of-The-Issuer"] = "1";
            return context.Response.WriteAsync("no token");
        };
        using var refused = await attester.PostAsync(pending.Request, Key);
        attester.Instead = null;
        using var next = await attester.PostAsync(pending.Request, Key);

        Assert.Equal(expected, refused.StatusCode);
        Assert.False(refused.Headers.Contains("X-Of-The-Issuer"));
        Assert.Equal(isGivenBack ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests, next.StatusCode);
    }

    [Fact]
    public async Task Another_certificate_is_for_new_connections_and_the_old_one_closes_once_its_last_request_has_ended()
    {
        await using var attester = Start(quota: 2);
        using var first = attester.CreateRequest();
        using var second = attester.CreateRequest();
        var (arrived, goOn, closed) = (Signal(), Signal(), Signal());
        attester.Before = async context =>
        {
            attester.Before = null;
            context.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed.Register(closed.SetResult);
            arrived.SetResult();
            await goOn.Task;
        };
        var slow = attester.PostAsync(first.Request, Key);
        await arrived.Task.WaitAsync(_patience);

        attester.Services.GetRequiredService<IssuerLink>().Use(certificate: null);
        using var quick = await attester.PostAsync(second.Request, Key);
        Assert.Equal((HttpStatusCode.OK, false), (quick.StatusCode, closed.Task.IsCompleted));
        goOn.SetResult();
        using var answer = await slow;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await closed.Task.WaitAsync(_patience);

        static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [Fact]
    public async Task The_issuers_directory_is_passed_on_byte_for_byte()
    {
        await using var attester = Start(quota: 1);
        using var answer = await attester.Client.GetAsync(new Uri(IssuerDirectory.WellKnownPath, UriKind.Relative));

        Assert.Equal(PrivateTokenMediaTypes.IssuerDirectory, answer.Content.Headers.ContentType!.MediaType);
        IssuerDirectory.TryParse(await answer.Content.ReadAsByteArrayAsync(), out var directory);
        Assert.Equal("/token-request", directory!.IssuerRequestUri);
        Assert.Single(directory.TokenKeys);
        Assert.NotNull(answer.Headers.ETag);
    }

    [Fact]
    public async Task The_sample_gives_tokens_for_work_and_for_nothing_less()
    {
        await using var attester = AttesterApplication.Start(static attester => attester.UseAttester<WorkAttester>(), static app => app.UseWork());
        using var pending = attester.CreateRequest();
        using var other = attester.CreateRequest();
        using var batch = attester.CreateBatch(2);
        var work = Work.Do(pending.Request.ToArray(), DateTimeOffset.UtcNow, WorkAttester.Difficulty);

        using var issued = await attester.PostAsync(pending.Request, work);
        using var idle = await attester.PostAsync(other.Request, authorization: null);
        using var stolen = await attester.PostAsync(other.Request, work);
        using var old = await attester.PostAsync(other.Request, $"Work time={DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds()}, nonce=1");
        using var both = await attester.PostAsync(batch.Request, work, PrivateTokenMediaTypes.AmortizedBatchRequest);

        Assert.NotEmpty(pending.Finalize(await issued.Content.ReadAsByteArrayAsync()));
        await RefusedAsync(idle, "Send Work time=SECONDS, nonce=NUMBER.");
        await RefusedAsync(stolen, $"It takes {WorkAttester.Difficulty} bits.");
        await RefusedAsync(old, "The work is too old.");
        await RefusedAsync(both, $"It takes {WorkAttester.Difficulty + 1} bits.");
        Assert.Single(attester.Seen);

        static async Task RefusedAsync(HttpResponseMessage answer, string reason) =>
            Assert.Equal((HttpStatusCode.Unauthorized, reason), (answer.StatusCode, (await answer.Content.ReadAsStringAsync()).TrimEnd()));
    }

    private static AttesterApplication Start(int quota) =>
        AttesterApplication.Start(attester => attester.UseBearerKeys(options => options.Keys.Add(new BearerKey { Key = Key["Bearer ".Length..], Quota = quota })));
}
