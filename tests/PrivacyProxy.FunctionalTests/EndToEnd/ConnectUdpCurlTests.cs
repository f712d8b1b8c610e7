using PrivacyPass;
using PrivacyPass.Http;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>connect-udp (RFC 9298) with clients of the world: curl fetches over HTTP/3, inside the tunnel, from an aioquic site.</summary>
[Collection(ProductCollection.Name)]
public sealed class ConnectUdpCurlTests(ProductFixture product)
{
    private const long Large = 20_000_000;

    [SkippableTheory]
    [InlineData(ProxyVersion.Http1Tls)]
    [InlineData(ProxyVersion.Http2Tls)]
    public async Task A_token_for_the_proxys_challenge_fetches_twenty_megabytes_byte_for_byte_and_is_refused_the_second_time(ProxyVersion version)
    {
        var curl = Curl.Newer();
        await using var origin = await Http3Origin.StartAsync();

        var unpaid = await FetchAsync(curl, version, origin, 1);
        Assert.NotEqual(0, unpaid.ExitCode);
        ProductAssert.IsOriginChallenge(unpaid.Connect, TokenType.BlindRsa2048, TokenType.VoprfP384);

        var token = await TokenForAsync(unpaid.Connect);
        var authorization = Credentials.Token(token);
        var paid = await FetchAsync(curl, version, origin, Large, authorization);
        Assert.True(paid.ExitCode == 0, paid.Errors);
        Assert.Equal(Large, paid.Body.Length);
        Assert.Equal(Http3Origin.Hash(Large), Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(paid.Body)));
        Assert.Equal(version == ProxyVersion.Http2Tls ? 200 : 101, paid.Connect.Status);
        Assert.Equal(200, paid.Heads[^1].Status);

        var replayed = await FetchAsync(curl, version, origin, 1, authorization);
        Assert.NotEqual(0, replayed.ExitCode);
        ProductAssert.IsOriginChallenge(replayed.Connect, TokenType.BlindRsa2048);
        Assert.Equal("already_spent", replayed.Connect.ProxyStatusDetails);
        ProductAssert.LogIsClean(product.Proxy, token, origin.Url.Authority);
    }

    private Task<CurlResult> FetchAsync(Curl curl, ProxyVersion version, Http3Origin origin, long count, string? authorization = null) => curl.RunAsync(
    [
        .. CurlProxy.Flags(product.Proxy, version), "--http3-only", "--cacert", origin.CaFile,
        .. authorization is null ? Array.Empty<string>() : ["--proxy-header", "Proxy-Authorization: " + authorization],
        new Uri(origin.Url, $"/bytes/{count}").ToString(),
    ]);

    /// <summary>One token, for the very challenge of a refusal.</summary>
    private async Task<string> TokenForAsync(HttpHead refusal)
    {
        var challenge = PrivateTokenChallenge.ReadAll(refusal["WWW-Authenticate"]).Single(offered => offered.TokenType == (ushort)TokenType.BlindRsa2048);
        return (await TokenPile.RequestAsync(product.Issuer.Url, 2, 1, "--challenge", PaddedBase64Url.Encode(challenge.Challenge.Span)))[0];
    }
}
