using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Authentication;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Issuance.Extensions;
using PrivacyPass.Http;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>What an issuer signs into tokens of type 0xDA7A.</summary>
public sealed class TokenExtensionTests
{
    private static readonly TimeSpan _precision = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task Tokens_carry_an_expiration_within_bounds_and_what_else_is_asked_for_is_refused_with_400()
    {
        await using var issuer = await IssuerApplication.StartAsync(configure: options =>
        {
            TestKeys.CopyMetadataKeyTo(options.Keys.Directory);
            options.Keys.TokenTypes.Add(TokenType.PartiallyBlindRsa2048);
        });
        var key = issuer.Keys.Keys.First(key => key.Type == TokenType.PartiallyBlindRsa2048);
        using var client = (IExtendedTokenClient)TokenCryptography.CreateClient(key.Type, key.PublicKey.Span);
        using var verifier = key.CreateVerifier();
        var now = issuer.Time.GetUtcNow();

        var good = new TokenExtensions([TokenExtension.Expiration(now.AddHours(1), _precision)]);
        using var pending = client.CreateRequest("challenge"u8, good);
        using var response = await issuer.PostAsync(pending.Request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(TokenView.TryRead(pending.Finalize(await response.Content.ReadAsByteArrayAsync()), out var token));
        Assert.True(verifier.Verify(token.WithExtensions(good.Encoded.Span)));

        await RefusedAsync();
        await RefusedAsync(TokenExtension.Expiration(now.AddMinutes(-16), _precision));
        await RefusedAsync(TokenExtension.Expiration(now.AddDays(8), _precision));
        await RefusedAsync(TokenExtension.Expiration(now.AddMinutes(7), TimeSpan.FromMinutes(7)));
        await RefusedAsync(new TokenExtension(TokenExtension.ExpirationType, new byte[3]));
        await RefusedAsync(good.Items[0], TokenExtension.GeoHint("DE,DE-BE,BERLIN"));
        await RefusedAsync(good.Items[0], new TokenExtension(0xF001, new byte[] { 1 }));
        using var cut = await issuer.PostAsync(pending.Request[..^1]);
        Assert.Equal(HttpStatusCode.BadRequest, cut.StatusCode);

        async Task RefusedAsync(params TokenExtension[] extensions)
        {
            using var request = client.CreateRequest("challenge"u8, new TokenExtensions(extensions));
            using var refused = await issuer.PostAsync(request.Request);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task A_site_takes_a_token_with_metadata_once_until_its_expiration_and_knows_its_place()
    {
        using var directory = new TemporaryDirectory();
        TestKeys.CopyMetadataKeyTo(directory.Path);
        var options = new Keys.IssuerKeyRingOptions { Directory = directory.Path };
        options.TokenTypes.Add(TokenType.PartiallyBlindRsa2048);
        using var keys = Keys.IssuerKeyRing.Open(options, TestKeys.Clock());
        var key = keys.Keys.Single();
        await using var origin = await TestOrigin.StartAsync(
            site => site.Issuers.Add(new PrivateTokenIssuer { Name = "issuer.example", KeyDirectory = directory.Path, TokenTypes = [(int)TokenType.PartiallyBlindRsa2048] }),
            static app => app.MapGet("/place", (ClaimsPrincipal user) => user.FindFirstValue(PrivateTokenDefaults.GeoHintClaim)).RequireAuthorization(),
            TestKeys.Clock());
        var challenge = (await origin.ChallengesAsync()).Single().Challenge;
        using var client = (IExtendedTokenClient)TokenCryptography.CreateClient(key.Type, key.PublicKey.Span);
        var extensions = new TokenExtensions([TokenExtension.Expiration(TestKeys.Start.AddHours(1), _precision), TokenExtension.GeoHint("DE,DE-BE,BERLIN")]);
        var moved = new TokenExtensions([extensions.Items[0], TokenExtension.GeoHint("US,US-AL,ALABASTER")]);
        var token = Issue();

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(PrivateTokenCredentials.Write(token))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(PrivateTokenCredentials.Write(token, moved))).Status);
        Assert.Equal((HttpStatusCode.OK, "DE,DE-BE,BERLIN"), await SendAsync(PrivateTokenCredentials.Write(token, extensions)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(PrivateTokenCredentials.Write(token, extensions))).Status);
        var kept = Issue();
        origin.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(PrivateTokenCredentials.Write(kept, extensions))).Status);

        byte[] Issue()
        {
            using var pending = client.CreateRequest(challenge.Span, extensions);
            return pending.Finalize(key.Issue(pending.Request.Span));
        }

        async Task<(HttpStatusCode Status, string Body)> SendAsync(string credentials)
        {
            using var response = await origin.SendAsync(credentials, "/place");
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("192.0.2.7", "DE,DE-BE,BERLIN", true)]
    [InlineData("::ffff:192.0.2.7", "DE,DE-BE,BERLIN", true)]
    [InlineData("192.0.2.200", "FR,FR-IDF,PARIS", true)]
    [InlineData("192.0.2.200", "DE,DE-BE,BERLIN", false)]
    [InlineData("198.51.100.1", "DE,DE-BE,BERLIN", false)]
    [InlineData("2001:db8::1", "US,US-AL,ALABASTER", true)]
    [InlineData("2001:db8:1::1", "US,US-AL,ALABASTER", false)]
    public void A_geographic_hint_is_signed_where_the_feed_says_so_of_the_clients_address(string address, string hint, bool isSigned)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """
                # a comment
                192.0.2.0/24,DE,DE-BE,Berlin,
                192.0.2.200,FR,FR-IDF,Paris,
                2001:db8::/48,US,US-AL,Alabaster,35007
                nonsense
                192.0.2.0/99,XX,,,
                """);
            var options = new PrivacyPassIssuerOptions();
            options.Extensions.GeofeedFile = file;
            var policy = new TokenExtensionPolicy(Options.Create(options), new GeoHints(options.Extensions), TestKeys.Clock());
            using var key = new Keys.IssuerKey(TokenCryptography.GenerateIssuer(TokenType.VoprfP384), TestKeys.Start, TestKeys.Start.AddDays(60));
            var context = new DefaultHttpContext();
            context.Connection.RemoteIpAddress = IPAddress.Parse(address);
            var extensions = new TokenExtensions([TokenExtension.Expiration(TestKeys.Start.AddHours(1), _precision), TokenExtension.GeoHint(hint)]);
            Assert.Equal(isSigned, policy.Refuse(context, key, extensions) is null);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
