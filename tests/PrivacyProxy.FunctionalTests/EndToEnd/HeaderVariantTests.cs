using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>The ways real clients write their credentials: each opens a tunnel.</summary>
[Collection(ProductCollection.Name)]
public sealed class HeaderVariantTests(ProductFixture product)
{
    private const string Extensions = "AAAA";

    /// <summary>Name of the variant, token type, field name, and the value with {padded} or {unpadded} where the token goes.</summary>
    public static TheoryData<string, int, string, string> Variants => new()
    {
        { "quoted and padded", 1, "Proxy-Authorization", "PrivateToken token=\"{padded}\"" },
        { "unquoted and padded (privacypass-ts)", 1, "Proxy-Authorization", "PrivateToken token={padded}" },
        { "quoted and unpadded", 1, "Proxy-Authorization", "PrivateToken token=\"{unpadded}\"" },
        { "unquoted and unpadded", 1, "Proxy-Authorization", "PrivateToken token={unpadded}" },
        { "unquoted, type 2", 2, "Proxy-Authorization", "PrivateToken token={padded}" },
        { "other case of the scheme and the parameter", 2, "Proxy-Authorization", "privatetoken TOKEN=\"{padded}\"" },
        { "further parameter after a comma (Chromium)", 2, "Authorization", $"PrivateToken token=\"{{padded}}\", extensions=\"{Extensions}\"" },
        { "further parameter without a comma (Chromium)", 2, "Authorization", $"PrivateToken token=\"{{unpadded}}\" extensions=\"{Extensions}\"" },
        { "further parameter in front", 2, "Proxy-Authorization", $"PrivateToken extensions=\"{Extensions}\", token=\"{{padded}}\"" },
        { "spaces around the equals sign", 2, "Proxy-Authorization", "PrivateToken token = \"{padded}\"" },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public async Task It_opens_a_tunnel(string name, int type, string field, string value)
    {
        Assert.NotEmpty(name);
        await using var origin = TcpOrigin.Echo();
        foreach (var version in new[] { ProxyVersion.Http1, ProxyVersion.Http2 })
        {
            var token = await product.Tokens.TakeAsync(type);
            var written = value.Replace("{padded}", token, StringComparison.Ordinal).Replace("{unpadded}", token.TrimEnd('='), StringComparison.Ordinal);
            var head = await TunnelProbe.AnswerAsync(product.Proxy, version, origin.Authority, KeyValuePair.Create(field, written));
            Assert.Equal(200, head.Status);
        }
    }

    [Theory]
    [InlineData(ProxyVersion.Http1)]
    [InlineData(ProxyVersion.Http2)]
    public async Task The_same_token_in_both_fields_is_one_token(ProxyVersion version)
    {
        await using var origin = TcpOrigin.Echo();
        var value = Credentials.Token(await product.Tokens.TakeAsync());
        var head = await TunnelProbe.AnswerAsync(
            product.Proxy, version, origin.Authority, Credentials.Field(value), KeyValuePair.Create("Authorization", value));
        Assert.Equal(200, head.Status);
    }
}
