using System.Net;
using System.Net.Http.Headers;
using PrivacyPass;
using PrivacyRelay.Issuance;
using PrivacyRelay.Wallet;

namespace PrivacyRelay.Tests.Issuance;

public sealed class IssuerClientTests : IDisposable
{
    private readonly FakeIssuer _issuer = new();
    private readonly HttpClient _http;
    private readonly IssuerClient _client;

    public IssuerClientTests()
    {
        _http = new HttpClient(_issuer);
        _client = new IssuerClient(_http, FakeIssuer.DirectoryUrl);
    }

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task As_many_different_tokens_come_as_were_asked_for_and_each_verifies()
    {
        var tokens = await RequestAsync(20);

        Assert.Equal(20, tokens.Select(Convert.ToHexString).Distinct(StringComparer.Ordinal).Count());
        using var verifier = _issuer.Key.CreateVerifier();
        foreach (var token in tokens) Assert.True(TokenView.TryRead(token, out var view) && verifier.Verify(view));
    }

    [Fact]
    public async Task Odd_keys_of_the_directory_are_told_once_and_the_good_one_after_them_is_used()
    {
        _issuer.CacheControl = new CacheControlHeaderValue { NoStore = true };
        _issuer.EntriesBefore = """{"token-type":1,"token-key":"AQ=="},{"token-type":1,"token-key":null},""";
        var skipped = new List<int>();
        using var client = new IssuerClient(_http, FakeIssuer.DirectoryUrl, skipped: key => skipped.Add(key.Index));

        for (var i = 0; i < 2; i++) Assert.Single(await client.RequestTokensAsync(_issuer.Challenge, null, 1, CancellationToken.None));

        Assert.Equal(2, _issuer.DirectoryFetches);
        Assert.Equal([0, 1], skipped);
    }

    [Fact]
    public async Task A_bearer_key_goes_with_the_requests_for_tokens_and_not_with_the_directory()
    {
        await _client.RequestTokensAsync(_issuer.Challenge, null, 2, CancellationToken.None, "a-key-of-a-customer");

        Assert.Equal(
            [(FakeIssuer.DirectoryUrl.AbsolutePath, null), ("/token-request", "Bearer a-key-of-a-customer"), ("/token-request", "Bearer a-key-of-a-customer")],
            _issuer.Asked);
    }

    [Fact]
    public async Task A_bearer_key_does_not_follow_a_directory_to_where_it_would_be_read_on_the_way()
    {
        _issuer.RequestUri = "http://issuer.example/token-request";

        var error = await Assert.ThrowsAsync<IssuerException>(() => _client.RequestTokensAsync(_issuer.Challenge, null, 1, CancellationToken.None, "a-key-of-a-customer"));

        Assert.DoesNotContain("a-key-of-a-customer", error.Message, StringComparison.Ordinal);
        Assert.Equal([(FakeIssuer.DirectoryUrl.AbsolutePath, null)], _issuer.Asked);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(-100)]
    public async Task A_directory_fetched_while_the_wall_clock_was_wrong_is_not_kept_for_longer(int days)
    {
        _issuer.CacheControl = new CacheControlHeaderValue { Public = true, MaxAge = TimeSpan.FromMinutes(5) };
        var time = new JumpingTime();
        using var client = new IssuerClient(_http, FakeIssuer.DirectoryUrl, time);
        time.Set(TimeSpan.FromDays(days));
        await client.RequestTokensAsync(_issuer.Challenge, null, 1, CancellationToken.None);
        time.Set(TimeSpan.FromDays(-days));
        time.Pass(TimeSpan.FromMinutes(6));

        await client.RequestTokensAsync(_issuer.Challenge, null, 1, CancellationToken.None);

        Assert.Equal(2, _issuer.DirectoryFetches);
    }

    [Fact]
    public async Task A_directory_is_fetched_anew_after_the_machine_has_slept()
    {
        _issuer.CacheControl = new CacheControlHeaderValue { Public = true, MaxAge = TimeSpan.FromMinutes(5) };
        var time = new JumpingTime();
        using var client = new IssuerClient(_http, FakeIssuer.DirectoryUrl, time);
        await client.RequestTokensAsync(_issuer.Challenge, null, 1, CancellationToken.None);
        // The monotonic clock of Linux stands still meanwhile.
        time.Set(TimeSpan.FromHours(8));

        await client.RequestTokensAsync(_issuer.Challenge, null, 1, CancellationToken.None);

        Assert.Equal(2, _issuer.DirectoryFetches);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(-100)]
    public async Task The_key_in_use_is_taken_while_the_wall_clock_jumps(int days)
    {
        var time = new JumpingTime();
        _issuer.NotBefore = time.GetUtcNow().AddDays(-1);
        using var next = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);
        _issuer.EntriesBefore = $$"""{"token-type":1,"token-key":"{{Convert.ToBase64String(next.PublicKey.Span).Replace('+', '-').Replace('/', '_')}}","not-before":{{time.GetUtcNow().AddDays(50).ToUnixTimeSeconds()}}},""";
        using var client = new IssuerClient(_http, FakeIssuer.DirectoryUrl, time);
        time.Set(TimeSpan.FromDays(days));

        Assert.Single(await client.RequestTokensAsync(_issuer.Challenge, null, 1, CancellationToken.None));
    }

    [Fact]
    public async Task The_directory_is_fetched_once_while_it_may_be_kept()
    {
        _issuer.CacheControl = new CacheControlHeaderValue { Public = true, MaxAge = TimeSpan.FromMinutes(5) };
        await RequestAsync(1);
        await RequestAsync(1);
        Assert.Equal(1, _issuer.DirectoryFetches);
    }

    [Fact]
    public async Task A_directory_that_may_not_be_kept_is_fetched_each_time()
    {
        _issuer.CacheControl = new CacheControlHeaderValue { NoStore = true };
        await RequestAsync(1);
        await RequestAsync(1);
        Assert.Equal(2, _issuer.DirectoryFetches);
    }

    [Fact]
    public async Task After_a_rotation_the_directory_is_fetched_anew_and_the_tokens_come()
    {
        await RequestAsync(1);
        _issuer.Key = _issuer.Published = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);

        var tokens = await RequestAsync(3);

        Assert.Equal(3, tokens.Count);
        Assert.Equal(2, _issuer.DirectoryFetches);
    }

    [Fact]
    public async Task A_key_that_the_issuer_does_not_publish_is_refused_without_asking_for_a_token()
    {
        using var marked = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);
        _issuer.Answer = _ => throw new InvalidOperationException("No token may be requested.");

        var error = await Assert.ThrowsAsync<IssuerException>(() => _client.RequestTokensAsync(_issuer.Challenge, marked.PublicKey, 1, CancellationToken.None));

        Assert.Contains(marked.KeyId.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Equal(2, _issuer.DirectoryFetches);
    }

    [Fact]
    public async Task A_key_that_is_new_in_the_directory_is_found_by_fetching_it_anew()
    {
        await RequestAsync(1);
        _issuer.Key = _issuer.Published = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);

        var tokens = await _client.RequestTokensAsync(_issuer.Challenge, _issuer.Key.PublicKey, 2, CancellationToken.None);

        Assert.Equal(2, tokens.Count);
    }

    [Fact]
    public async Task An_issuer_that_issues_with_another_key_than_it_publishes_is_found_out()
    {
        _issuer.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(new byte[145]) };
        var error = await Assert.ThrowsAsync<IssuerException>(() => RequestAsync(1));
        Assert.Contains("verifies", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_used_up_quota_is_told_with_the_wait_and_the_tokens_that_came_before_are_kept()
    {
        _issuer.Answer = number => number <= 5 ? null : TooManyRequests();

        var error = await Assert.ThrowsAsync<IssuerException>(() => RequestAsync(50));

        Assert.Equal(HttpStatusCode.TooManyRequests, error.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(30), error.RetryAfter);
        Assert.Equal(5, error.Tokens.Count);
        Assert.Equal(1, _issuer.DirectoryFetches);
    }

    [Fact]
    public async Task A_larger_answer_than_a_token_response_is_refused()
    {
        _issuer.Answer = _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(new byte[146]) };
        await Assert.ThrowsAsync<IssuerException>(() => RequestAsync(1));
    }

    [Fact]
    public async Task An_unreachable_issuer_is_an_IssuerException()
    {
        _issuer.DirectoryFetched = () => throw new HttpRequestException("Connection refused");
        var error = await Assert.ThrowsAsync<IssuerException>(() => RequestAsync(1));
        Assert.Contains("Connection refused", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_request_is_cancelled_and_no_issuer_failure()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.RequestTokensAsync(_issuer.Challenge, null, 1, cancelled.Token));
    }

    [Fact]
    public async Task Tokens_that_came_before_the_cancellation_are_kept()
    {
        using var cancelled = new CancellationTokenSource();
        CancelAtRequest(20, cancelled);

        var canceled = await Assert.ThrowsAsync<IssuanceCanceledException>(() => _client.RequestTokensAsync(_issuer.Challenge, null, 50, cancelled.Token));

        // Eight are asked for at a time, so twelve had come.
        Assert.InRange(canceled.Tokens.Count, 12, 49);
        using var verifier = _issuer.Key.CreateVerifier();
        foreach (var token in canceled.Tokens) Assert.True(TokenView.TryRead(token, out var view) && verifier.Verify(view));
    }

    [Fact]
    public async Task A_wallet_gets_the_tokens_that_came_in_time()
    {
        using var cancelled = new CancellationTokenSource();
        CancelAtRequest(20, cancelled);

        var tokens = await new IssuerTokenSource(_client).RequestAsync(new ProxyChallenge(_issuer.Challenge, null, null), 50, cancelled.Token);

        Assert.InRange(tokens.Count, 12, 49);
    }

    [Fact]
    public async Task A_challenge_without_a_key_is_answered_with_the_issuers_own()
    {
        var tokens = await new IssuerTokenSource(_client).RequestAsync(new ProxyChallenge(_issuer.Challenge, null, null), 2, CancellationToken.None);
        Assert.Equal(2, tokens.Count);
    }

    [Fact]
    public async Task Tokens_that_came_before_a_directory_that_cannot_be_fetched_anew_are_kept()
    {
        _issuer.Answer = number => number <= 5 ? null : new HttpResponseMessage(HttpStatusCode.UnprocessableEntity);
        _issuer.DirectoryFetched = () =>
        {
            if (_issuer.DirectoryFetches > 1) throw new HttpRequestException("Connection refused");
        };

        var error = await Assert.ThrowsAsync<IssuerException>(() => RequestAsync(50));

        Assert.Equal(5, error.Tokens.Count);
    }

    private void CancelAtRequest(int wanted, CancellationTokenSource cancellation) => _issuer.Answer = number =>
    {
        if (number == wanted) cancellation.Cancel();
        return null;
    };

    private Task<IReadOnlyList<byte[]>> RequestAsync(int count) => _client.RequestTokensAsync(_issuer.Challenge, null, count, CancellationToken.None);

    private static HttpResponseMessage TooManyRequests()
    {
        var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(30));
        return response;
    }
}
