using PrivacyPass;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>The main job with a client of the world: curl, through the proxy, to a TLS web site.</summary>
[Collection(ProductCollection.Name)]
public sealed class CurlTests(ProductFixture product)
{
    private const long Large = 100_000_000;

    public static TheoryData<ProxyVersion, int> VersionsAndTypes => Matrix.Of<ProxyVersion, int>(
        [ProxyVersion.Http1, ProxyVersion.Http1Tls, ProxyVersion.Http2Tls], [2, 1]);

    [SkippableTheory]
    [MemberData(nameof(VersionsAndTypes))]
    public async Task A_token_opens_one_tunnel_and_is_refused_with_a_challenge_the_second_time(ProxyVersion version, int type)
    {
        var curl = CurlProxy.For(version);
        var token = await product.Tokens.TakeAsync(type);

        var first = await FetchAsync(curl, version, "Proxy-Authorization: " + Credentials.Token(token));
        Assert.True(first.ExitCode == 0, first.Errors);
        Assert.Equal(WebOrigin.Page, first.Text);
        Assert.Equal(200, first.Connect.Status);
        ProductAssert.HasServerTiming(first.Connect);

        var second = await FetchAsync(curl, version, "Proxy-Authorization: " + Credentials.Token(token));
        Assert.NotEqual(0, second.ExitCode);
        ProductAssert.IsChallenge(second.Connect, TokenType.BlindRsa2048, TokenType.VoprfP384);
        ProductAssert.LogIsClean(product.Proxy, token);
    }

    [SkippableTheory]
    [InlineData(ProxyVersion.Http1)]
    [InlineData(ProxyVersion.Http1Tls)]
    [InlineData(ProxyVersion.Http2Tls)]
    public async Task A_token_in_Authorization_opens_a_tunnel(ProxyVersion version)
    {
        var curl = CurlProxy.For(version);
        var result = await FetchAsync(curl, version, "Authorization: " + Credentials.Token(await product.Tokens.TakeAsync()));
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(WebOrigin.Page, result.Text);
    }

    [SkippableTheory]
    [InlineData(ProxyVersion.Http1)]
    [InlineData(ProxyVersion.Http1Tls)]
    [InlineData(ProxyVersion.Http2Tls)]
    public async Task A_preshared_key_opens_tunnels_again_and_again_and_a_wrong_one_none(ProxyVersion version)
    {
        var curl = CurlProxy.For(version);
        for (var i = 0; i < 2; i++)
        {
            var right = await FetchAsync(curl, version, "Proxy-Authorization: " + ProductFixture.Preshared);
            Assert.True(right.ExitCode == 0, right.Errors);
            Assert.Equal(WebOrigin.Page, right.Text);
        }

        var wrong = await FetchAsync(curl, version, "Proxy-Authorization: " + ProductFixture.Preshared + "x");
        Assert.NotEqual(0, wrong.ExitCode);
        ProductAssert.IsChallenge(wrong.Connect, TokenType.BlindRsa2048);
    }

    [SkippableTheory]
    [InlineData(ProxyVersion.Http1)]
    [InlineData(ProxyVersion.Http1Tls)]
    [InlineData(ProxyVersion.Http2Tls)]
    public async Task A_hundred_megabytes_arrive_byte_for_byte_both_ways(ProxyVersion version)
    {
        var curl = CurlProxy.For(version);
        using var directory = new TemporaryDirectory();
        var file = directory.File("upload");
        await Payload.WriteFileAsync(file, Large);
        var hash = Payload.Hash(Large);
        // Through the tunnel without TLS inside: the proxy's bytes are the same, and the machine has two cores.
        string[] tunnel = [.. CurlProxy.Flags(product.Proxy, version), "--proxytunnel", "--proxy-header", "Proxy-Authorization: " + ProductFixture.Preshared];

        var down = await curl.RunAsync([.. tunnel, new Uri(product.Web.Plain, $"/bytes/{Large}").ToString()]);
        Assert.True(down.ExitCode == 0, down.Errors);
        Assert.Equal(hash, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(down.Body)));

        var up = await curl.RunAsync([.. tunnel, "--header", "Expect:", "--data-binary", "@" + file, new Uri(product.Web.Plain, "/hash").ToString()]);
        Assert.True(up.ExitCode == 0, up.Errors);
        Assert.Equal(hash, up.Text);
    }

    private Task<CurlResult> FetchAsync(Curl curl, ProxyVersion version, string proxyHeader) => curl.RunAsync(
    [
        .. CurlProxy.Flags(product.Proxy, version), "--proxy-header", proxyHeader, "--cacert", product.WebCaFile, product.Web.Tls.ToString(),
    ]);
}
