using PrivacyPass;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>Tokens on templated tunnels: the proxy is an origin there, so it refuses with 401 and never with 407.</summary>
[Collection(ProductCollection.Name)]
public sealed class TemplatedCredentialTests(ProductFixture product)
{
    public static TheoryData<string, ProxyVersion> Cases =>
        Matrix.Of<string, ProxyVersion>([TemplatedProbe.Udp, TemplatedProbe.Tcp], Enum.GetValues<ProxyVersion>());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_token_opens_one_tunnel_and_all_else_is_401_with_a_challenge(string protocol, ProxyVersion version)
    {
        await using var origin = TcpOrigin.Echo();
        ProductAssert.IsOriginChallenge(await AnswerAsync(product.Proxy, version, protocol, origin), TokenType.BlindRsa2048, TokenType.VoprfP384);

        var token = await product.Tokens.TakeAsync();
        // In Authorization, as to an origin; a proxy's client may send it in Proxy-Authorization too.
        var field = KeyValuePair.Create("Authorization", Credentials.Token(token));
        var accepted = await AnswerAsync(product.Proxy, version, protocol, origin, field);
        Assert.Equal(version is ProxyVersion.Http1 or ProxyVersion.Http1Tls ? 101 : 200, accepted.Status);
        Assert.Equal(["?1"], accepted["Capsule-Protocol"]);

        var replayed = await AnswerAsync(product.Proxy, version, protocol, origin, field);
        ProductAssert.IsOriginChallenge(replayed, TokenType.BlindRsa2048);
        Assert.Equal("already_spent", replayed.ProxyStatusDetails);
        ProductAssert.IsOriginChallenge(await AnswerAsync(product.Proxy, version, protocol, origin, Credentials.Field(ProductFixture.Preshared + "x")));
        ProductAssert.LogIsClean(product.Proxy, token, origin.Authority);
    }

    [Fact]
    public async Task A_configured_403_is_403_here_too_and_challenges_nobody()
    {
        await using var twin = await product.StartTwinAsync(KeyValuePair.Create("PrivacyProxy__Authentication__FailureStatus", "403"));
        foreach (var version in new[] { ProxyVersion.Http1, ProxyVersion.Http2 })
        {
            foreach (var protocol in new[] { TemplatedProbe.Udp, TemplatedProbe.Tcp })
            {
                var head = await TemplatedProbe.AnswerAsync(twin, version, protocol, "127.0.0.1:443");
                ProductAssert.IsRefusal(head, 403, "http_request_denied");
                Assert.Empty(head["WWW-Authenticate"]);
            }
        }
    }

    private static Task<HttpHead> AnswerAsync(ProxyProcess proxy, ProxyVersion version, string protocol, TcpOrigin origin, params KeyValuePair<string, string>[] fields) =>
        TemplatedProbe.AnswerAsync(proxy, version, protocol, origin.Authority, fields);
}
