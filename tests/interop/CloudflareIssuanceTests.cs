using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PrivacyPass;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Http;
using PrivacyPass.Issuance;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Testing.Keys;
using PrivacyRelay.Issuance;

namespace Interop.Tests;

/// <summary>@cloudflare/privacypass-ts against ours over HTTP, both ways, for each token type it knows, singly and in batches.</summary>
public sealed class CloudflareIssuanceTests
{
    [SkippableTheory]
    [InlineData(TokenType.VoprfP384)]
    [InlineData(TokenType.BlindRsa2048)]
    public async Task Cloudflares_client_gets_a_token_from_our_issuer_that_our_verifier_takes(TokenType type)
    {
        Skip.If(NodeScript.Absent is not null, NodeScript.Absent);
        using var data = new TemporaryDirectory();
        var (issuer, urls) = await IssuerHost.StartAsync(configFile: null, Flags(data.Path), CancellationToken.None);
        await using var _ = issuer;
        var key = issuer.Services.GetRequiredService<IssuerKeyRing>().Keys.First(key => key.Type == type);
        var challenge = new TokenChallenge(type, "issuer.example", [], "proxy.example");
        var header = new PrivateTokenChallenge(challenge.Encoded, key.PublicKey).Write();

        await using var client = NodeScript.Start("client.mjs");
        await client.WriteLineAsync(JsonSerializer.Serialize(new { headers = new[] { header }, issuer = urls[0] }));
        var token = PaddedBase64Url.Decode(await client.ReadLineAsync(), out var error);

        Assert.Equal(Base64UrlError.None, error);
        AssertIsToken(token!, challenge, key);
    }

    [SkippableTheory]
    [InlineData(TokenType.VoprfP384, 1)]
    [InlineData(TokenType.VoprfP384, 3)]
    [InlineData(TokenType.BlindRsa2048, 1)]
    [InlineData(TokenType.BlindRsa2048, 3)]
    public async Task Our_client_gets_tokens_from_Cloudflares_issuer_that_it_verifies_itself_one_and_in_a_batch(TokenType type, int count)
    {
        Skip.If(NodeScript.Absent is not null, NodeScript.Absent);
        await using var issuer = NodeScript.Start("issuer.mjs", $"{(int)type}");
        var url = await UrlOfAsync(issuer);
        using var http = new HttpClient();
        using var client = new IssuerClient(http, new Uri(url, IssuerDirectory.WellKnownPath));
        var challenge = new TokenChallenge(type, "issuer.example", [], "proxy.example");

        var tokens = await client.RequestTokensAsync(challenge, tokenKey: null, count, CancellationToken.None);

        Assert.Equal(count, tokens.Count);
        foreach (var token in tokens)
        {
            Assert.Equal(HttpStatusCode.OK, await VerifyAsync(http, url, token));
            token[^1] ^= 1;
            Assert.Equal(HttpStatusCode.Forbidden, await VerifyAsync(http, url, token));
        }
    }

    [SkippableFact]
    public async Task Cloudflares_client_gets_a_batch_of_both_types_from_our_issuer()
    {
        Skip.If(NodeScript.Absent is not null, NodeScript.Absent);
        using var data = new TemporaryDirectory();
        var (issuer, urls) = await IssuerHost.StartAsync(configFile: null, Flags(data.Path), CancellationToken.None);
        await using var _ = issuer;
        TokenType[] types = [TokenType.VoprfP384, TokenType.BlindRsa2048, TokenType.VoprfP384];
        var keys = types.Select(type => issuer.Services.GetRequiredService<IssuerKeyRing>().Keys.First(key => key.Type == type)).ToList();
        var challenges = types.Select(type => new TokenChallenge(type, "issuer.example", [], "proxy.example")).ToList();

        await using var client = NodeScript.Start("client.mjs");
        var headers = challenges.Zip(keys, (challenge, key) => new PrivateTokenChallenge(challenge.Encoded, key.PublicKey).Write());
        await client.WriteLineAsync(JsonSerializer.Serialize(new { headers, issuer = urls[0], batch = true }));

        for (var i = 0; i < types.Length; i++) AssertIsToken(PaddedBase64Url.Decode(await client.ReadLineAsync(), out var _)!, challenges[i], keys[i]);
    }

    [SkippableFact]
    public async Task Cloudflares_client_gets_a_token_with_metadata_from_our_issuer()
    {
        Skip.If(NodeScript.Absent is not null, NodeScript.Absent);
        using var data = new TemporaryDirectory();
        SafePrimeKey.AddTo(data.Path, DateTimeOffset.UtcNow);
        IEnumerable<KeyValuePair<string, string?>> flags = [.. Flags(data.Path), new($"{IssuerSettings.Section}:{nameof(IssuerSettings.TokenTypes)}:0", $"{(int)TokenType.PartiallyBlindRsa2048}")];
        var (issuer, urls) = await IssuerHost.StartAsync(configFile: null, flags, CancellationToken.None);
        await using var _ = issuer;
        var key = issuer.Services.GetRequiredService<IssuerKeyRing>().Keys.Single();
        var challenge = new TokenChallenge(key.Type, "issuer.example", [], "proxy.example");
        var header = new PrivateTokenChallenge(challenge.Encoded, key.PublicKey).Write();
        var extensions = new TokenExtensions([TokenExtension.Expiration(DateTimeOffset.UtcNow.AddHours(1), TimeSpan.FromMinutes(15))]).Encoded;

        await using var client = NodeScript.Start("client.mjs");
        await client.WriteLineAsync(JsonSerializer.Serialize(new { headers = new[] { header }, issuer = urls[0], extensions = PaddedBase64Url.Encode(extensions.Span) }));

        AssertIsToken(PaddedBase64Url.Decode(await client.ReadLineAsync(), out var _)!, challenge, key, extensions.Span);
    }

    [SkippableFact]
    public async Task Our_client_gets_a_token_with_metadata_from_Cloudflares_issuer()
    {
        Skip.If(NodeScript.Absent is not null, NodeScript.Absent);
        await using var issuer = NodeScript.Start("issuer.mjs", $"{(int)TokenType.PartiallyBlindRsa2048}");
        var url = await UrlOfAsync(issuer);
        using var http = new HttpClient();
        using var directory = new IssuerClient(http, new Uri(url, IssuerDirectory.WellKnownPath));
        var key = Assert.Single((await directory.GetDirectoryAsync(CancellationToken.None)).TokenKeys);
        using var client = (IExtendedTokenClient)TokenCryptography.CreateClient(TokenType.PartiallyBlindRsa2048, key.TokenKey.Span);
        var extensions = new TokenExtensions([TokenExtension.Expiration(DateTimeOffset.UtcNow.AddHours(1), TimeSpan.FromMinutes(15)), TokenExtension.GeoHint("US,US-AL,ALABASTER")]);
        // Cloudflare's verifier reads the bytes as a token; the challenge is any.
        using var pending = client.CreateRequest(new TokenChallenge(client.Type, "issuer.example", [], "").Encoded.Span, extensions);
        using var content = new ReadOnlyMemoryContent(pending.Request);
        content.Headers.ContentType = new(PrivateTokenMediaTypes.TokenRequest);
        using var response = await http.PostAsync(new Uri(url, "/token-request"), content);

        var token = pending.Finalize(await response.Content.ReadAsByteArrayAsync());

        Assert.Equal(HttpStatusCode.OK, await VerifyAsync(http, url, token, extensions));
        Assert.Equal(HttpStatusCode.Forbidden, await VerifyAsync(http, url, token, new TokenExtensions([extensions.Items[0]])));
    }

    private static async Task<Uri> UrlOfAsync(NodeScript issuer) => new((await issuer.ReadLineAsync())["ready ".Length..]);

    private static void AssertIsToken(byte[] token, TokenChallenge challenge, IssuerKey key, ReadOnlySpan<byte> extensions = default)
    {
        Assert.True(TokenView.TryRead(token, out var view));
        view = view.WithExtensions(extensions);
        Assert.Equal(challenge.Digest.ToArray(), view.ChallengeDigest.ToArray());
        Assert.Equal(key.KeyId, view.KeyId);
        using var verifier = key.CreateVerifier();
        Assert.True(verifier.Verify(view));
    }

    private static async Task<HttpStatusCode> VerifyAsync(HttpClient http, Uri issuer, byte[] token, TokenExtensions? extensions = null)
    {
        using var content = new StringContent(PaddedBase64Url.Encode(token) + (extensions is null ? "" : " " + PaddedBase64Url.Encode(extensions.Encoded.Span)));
        using var response = await http.PostAsync(new Uri(issuer, "/verify"), content);
        return response.StatusCode;
    }

    private static IEnumerable<KeyValuePair<string, string?>> Flags(string data) =>
    [
        new($"{IssuerSettings.Section}:{nameof(IssuerSettings.Urls)}", "http://127.0.0.1:0"),
        new($"{IssuerSettings.Section}:{nameof(IssuerSettings.Data)}", data),
    ];
}
