using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PrivacyPass;
using PrivacyPass.AspNetCore.Keys;
using PrivacyPass.Http;
using PrivacyPass.Issuance;
using PrivacyProxy.Commands.Issuer;
using PrivacyRelay.Issuance;

namespace Interop.Tests;

/// <summary>@cloudflare/privacypass-ts against ours over HTTP, both ways and for both token types.</summary>
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
        await client.WriteLineAsync(JsonSerializer.Serialize(new { header, issuer = urls[0] }));
        var token = PaddedBase64Url.Decode(await client.ReadLineAsync(), out var error);

        Assert.Equal(Base64UrlError.None, error);
        AssertIsToken(token!, challenge, key);
    }

    [SkippableTheory]
    [InlineData(TokenType.VoprfP384)]
    [InlineData(TokenType.BlindRsa2048)]
    public async Task Our_client_gets_tokens_from_Cloudflares_issuer_that_it_verifies_itself(TokenType type)
    {
        Skip.If(NodeScript.Absent is not null, NodeScript.Absent);
        await using var issuer = NodeScript.Start("issuer.mjs", $"{(int)type}");
        var url = new Uri((await issuer.ReadLineAsync())["ready ".Length..]);
        using var http = new HttpClient();
        using var client = new IssuerClient(http, new Uri(url, IssuerDirectory.WellKnownPath));
        var challenge = new TokenChallenge(type, "issuer.example", [], "proxy.example");

        var tokens = await client.RequestTokensAsync(challenge, tokenKey: null, count: 3, CancellationToken.None);

        Assert.Equal(3, tokens.Count);
        foreach (var token in tokens)
        {
            Assert.Equal(HttpStatusCode.OK, await VerifyAsync(http, url, token));
            token[^1] ^= 1;
            Assert.Equal(HttpStatusCode.Forbidden, await VerifyAsync(http, url, token));
        }
    }

    private static void AssertIsToken(byte[] token, TokenChallenge challenge, IssuerKey key)
    {
        Assert.True(TokenView.TryRead(token, out var view));
        Assert.Equal(challenge.Digest.ToArray(), view.ChallengeDigest.ToArray());
        Assert.Equal(key.KeyId, view.KeyId);
        using var verifier = key.CreateVerifier();
        Assert.True(verifier.Verify(view));
    }

    private static async Task<HttpStatusCode> VerifyAsync(HttpClient http, Uri issuer, byte[] token)
    {
        using var content = new StringContent(PaddedBase64Url.Encode(token));
        using var response = await http.PostAsync(new Uri(issuer, "/verify"), content);
        return response.StatusCode;
    }

    private static IEnumerable<KeyValuePair<string, string?>> Flags(string data) =>
    [
        new($"{IssuerSettings.Section}:{nameof(IssuerSettings.Urls)}", "http://127.0.0.1:0"),
        new($"{IssuerSettings.Section}:{nameof(IssuerSettings.Data)}", data),
    ];
}
