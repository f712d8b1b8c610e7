using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>The promise: a token is spent once, whoever sends it, however often, over whatever version.</summary>
[Collection(ProductCollection.Name)]
public sealed class SpendOnceTests(ProductFixture product)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Of_forty_requests_at_once_with_one_token_exactly_one_opens_a_tunnel(int type)
    {
        await using var origin = TcpOrigin.Echo();
        var field = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync(type)));
        var versions = Enum.GetValues<ProxyVersion>();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            TunnelProbe.AnswerAsync(product.Proxy, versions[i % versions.Length], origin.Authority, field)));
        Assert.Equal(1, answers.Count(answer => answer.Status == 200));
        Assert.Equal(39, answers.Count(answer => answer.Status == 407));
    }

    [Fact]
    public async Task A_token_spent_over_one_version_is_spent_for_all()
    {
        await using var origin = TcpOrigin.Echo();
        var field = Credentials.Field(Credentials.Token(await product.Tokens.TakeAsync()));
        Assert.Equal(200, (await TunnelProbe.AnswerAsync(product.Proxy, ProxyVersion.Http2Tls, origin.Authority, field)).Status);
        foreach (var version in Enum.GetValues<ProxyVersion>())
            Assert.Equal(407, (await TunnelProbe.AnswerAsync(product.Proxy, version, origin.Authority, field)).Status);
    }

    [Fact]
    public async Task Another_signature_over_the_same_nonce_is_the_same_token()
    {
        // A client can make many valid authenticators for one input only with the issuer's help; a changed one must not count as fresh.
        await using var origin = TcpOrigin.Echo();
        var token = await product.Tokens.TakeAsync();
        Assert.Equal(200, (await AnswerAsync(origin, token)).Status);
        Assert.Equal(407, (await AnswerAsync(origin, Credentials.Flipped(token, ^1))).Status);
        Assert.Equal(407, (await AnswerAsync(origin, token)).Status);
    }

    [Fact]
    public async Task A_forged_token_does_not_spend_the_real_one()
    {
        await using var origin = TcpOrigin.Echo();
        var token = await product.Tokens.TakeAsync();
        Assert.Equal(407, (await AnswerAsync(origin, Credentials.Flipped(token, ^1))).Status);
        Assert.Equal(200, (await AnswerAsync(origin, token)).Status);
    }

    [Fact]
    public async Task A_malformed_request_does_not_spend_its_token()
    {
        await using var origin = TcpOrigin.Echo();
        var token = await product.Tokens.TakeAsync();
        var field = Credentials.Field(Credentials.Token(token));
        Assert.Equal(400, (await TunnelProbe.AnswerAsync(product.Proxy, ProxyVersion.Http1, "127.0.0.1:0", field)).Status);
        Assert.Equal(200, (await AnswerAsync(origin, token)).Status);
    }

    private Task<HttpHead> AnswerAsync(TcpOrigin origin, string token) =>
        TunnelProbe.AnswerAsync(product.Proxy, ProxyVersion.Http1, origin.Authority, Credentials.Field(Credentials.Token(token)));
}
