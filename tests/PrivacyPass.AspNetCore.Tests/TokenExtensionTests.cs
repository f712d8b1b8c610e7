using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PrivacyPass.AspNetCore.Issuance;
using PrivacyPass.AspNetCore.Issuance.Extensions;

namespace PrivacyPass.AspNetCore.Tests;

/// <summary>What an issuer signs into tokens of type 0xDA7A.</summary>
public sealed class TokenExtensionTests
{
    private static readonly TimeSpan _precision = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task Tokens_carry_an_expiration_within_bounds_and_what_else_is_asked_for_is_refused_with_400()
    {
        await using var issuer = await IssuerApplication.StartAsync(configure: options => options.Keys.TokenTypes.Add(TokenType.PartiallyBlindRsa2048));
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
            var policy = new TokenExtensionPolicy(Options.Create(options), TestKeys.Clock());
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
