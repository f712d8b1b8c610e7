using System.Net;
using System.Net.Http.Headers;
using PrivacyPass.Issuance;

namespace PrivacyPass.AspNetCore.Tests;

public sealed class IssuerEndpointTests
{
    private static readonly Uri _directory = new(IssuerDirectory.WellKnownPath, UriKind.Relative);

    [Theory]
    [InlineData(TokenType.BlindRsa2048)]
    [InlineData(TokenType.VoprfP384)]
    public async Task A_request_for_the_published_key_gets_a_token_that_verifies(TokenType type)
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var pending = issuer.CreateRequest(type);

        using var response = await issuer.PostAsync(pending.Request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(PrivateTokenMediaTypes.TokenResponse, response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        var token = pending.Finalize(await response.Content.ReadAsByteArrayAsync());
        Assert.True(TokenView.TryRead(token, out var view));
        using var verifier = issuer.Keys.Keys.First(key => key.Type == type).CreateVerifier();
        Assert.True(verifier.Verify(view));
    }

    [Fact]
    public async Task The_directory_names_the_request_path_and_each_key_with_its_times()
    {
        await using var issuer = await IssuerApplication.StartAsync();

        var directory = await issuer.GetDirectoryAsync();

        Assert.Equal("/token-request", directory.IssuerRequestUri);
        Assert.Equal(issuer.Keys.Keys.Select(key => key.KeyId), directory.TokenKeys.Select(key => key.KeyId));
        Assert.All(directory.TokenKeys, key => Assert.True(key.IsUsableAt(issuer.Time.GetUtcNow())));
        Assert.All(directory.TokenKeys, key => Assert.Equal(issuer.Time.GetUtcNow() + TimeSpan.FromDays(60), key.NotAfter));
    }

    [Fact]
    public async Task The_directory_is_the_same_bytes_every_time_and_says_how_long_to_keep_it()
    {
        await using var issuer = await IssuerApplication.StartAsync();

        using var first = await issuer.Client.GetAsync(_directory);
        using var second = await issuer.Client.GetAsync(_directory);

        Assert.Equal(PrivateTokenMediaTypes.IssuerDirectory, first.Content.Headers.ContentType?.ToString());
        Assert.Equal("public, max-age=300", first.Headers.CacheControl?.ToString());
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Equal(await first.Content.ReadAsByteArrayAsync(), await second.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_known_ETag_is_answered_with_304_until_the_keys_change()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var first = await issuer.Client.GetAsync(_directory);

        using var unchanged = await GetIfNoneMatchAsync(issuer, first.Headers.ETag!);
        issuer.Time.Advance(TimeSpan.FromDays(29.5));
        issuer.Keys.Rotate();
        using var changed = await GetIfNoneMatchAsync(issuer, first.Headers.ETag!);

        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        Assert.Equal(first.Headers.ETag, unchanged.Headers.ETag);
        Assert.Empty(await unchanged.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task HEAD_of_the_directory_has_its_head_and_no_body()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, _directory);

        using var response = await issuer.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotNull(response.Headers.ETag);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("application/octet-stream")]
    [InlineData("application/private-token-response")]
    public async Task Another_media_type_is_refused_with_415(string mediaType)
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var pending = issuer.CreateRequest();

        using var response = await issuer.PostAsync(pending.Request, mediaType);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task An_empty_body_is_refused_with_422()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var response = await issuer.PostAsync(Array.Empty<byte>());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Theory]
    [InlineData(258)]
    [InlineData(260)]
    [InlineData(4096)]
    public async Task A_request_of_a_wrong_size_is_refused_with_422(int size)
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var pending = issuer.CreateRequest();
        var body = new byte[size];
        pending.Request.Span[..Math.Min(size, pending.Request.Length)].CopyTo(body);

        using var response = await issuer.PostAsync(body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Fact]
    public async Task A_body_over_4_KB_is_refused_with_413_with_and_without_a_length()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var withLength = await issuer.PostAsync(new byte[4097]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/token-request") { Content = new StreamContent(new NoLengthStream(new byte[100_000])) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(PrivateTokenMediaTypes.TokenRequest);

        using var withoutLength = await issuer.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, withLength.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, withoutLength.StatusCode);
    }

    [Fact]
    public async Task An_unknown_type_is_refused_with_422()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var pending = issuer.CreateRequest();
        var body = pending.Request.ToArray();
        body[0] = 0xDA;

        using var response = await issuer.PostAsync(body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Fact]
    public async Task An_unknown_truncated_key_id_is_refused_with_422()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var pending = issuer.CreateRequest();
        var body = pending.Request.ToArray();
        body[2]++;

        using var response = await issuer.PostAsync(body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Theory]
    [InlineData(TokenType.BlindRsa2048)]
    [InlineData(TokenType.VoprfP384)]
    public async Task A_blinded_message_out_of_range_is_refused_with_422(TokenType type)
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var pending = issuer.CreateRequest(type);
        var body = pending.Request.ToArray();
        body.AsSpan(3).Fill(0xFF);

        using var response = await issuer.PostAsync(body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    [Fact]
    public async Task A_key_that_has_expired_no_longer_issues_even_before_it_is_retired()
    {
        await using var issuer = await IssuerApplication.StartAsync();
        using var pending = issuer.CreateRequest();
        issuer.Time.Advance(TimeSpan.FromDays(60));

        using var response = await issuer.PostAsync(pending.Request);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> GetIfNoneMatchAsync(IssuerApplication issuer, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _directory);
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue("\"another\""));
        request.Headers.IfNoneMatch.Add(tag);
        return await issuer.Client.SendAsync(request);
    }

    private sealed class NoLengthStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
