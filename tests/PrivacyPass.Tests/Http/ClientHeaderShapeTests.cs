using PrivacyPass.Http;

namespace PrivacyPass.Tests.Http;

/// <summary>The shapes of credentials that deployed clients send, each by the client's name.</summary>
public sealed class ClientHeaderShapeTests
{
    public static TheoryData<string, string, TokenType> Shapes => new()
    {
        { "RFC 9577 strict, type 2", $"PrivateToken token=\"{SampleTokens.Padded2}\"", TokenType.BlindRsa2048 },
        { "RFC 9577 strict, type 1", $"PrivateToken token=\"{SampleTokens.Padded1}\"", TokenType.VoprfP384 },
        { "cloudflare/privacypass-ts default: unquoted and padded", $"PrivateToken token={SampleTokens.Padded1}", TokenType.VoprfP384 },
        { "cloudflare/privacypass-ts toString(true): quoted", $"PrivateToken token=\"{SampleTokens.Padded1}\"", TokenType.VoprfP384 },
        { "raphaelrobert/privacypass: unquoted", $"PrivateToken token={SampleTokens.Padded2}", TokenType.BlindRsa2048 },
        { "Chromium IP Protection: quoted, padded, extensions", $"PrivateToken token=\"{SampleTokens.Padded2}\", extensions=\"AAA=\"", TokenType.BlindRsa2048 },
        { "Chromium Private AI: no comma, no padding", $"PrivateToken token=\"{SampleTokens.Unpadded1}\" extensions=\"AAA\"", TokenType.VoprfP384 },
        { "Cloudflare Privacy Proxy documentation: unquoted", $"PrivateToken token={SampleTokens.Padded2}", TokenType.BlindRsa2048 },
        { "unquoted and unpadded", $"PrivateToken token={SampleTokens.Unpadded1}", TokenType.VoprfP384 },
        { "white space around '='", $"PrivateToken token = \t\"{SampleTokens.Padded2}\"", TokenType.BlindRsa2048 },
        { "other case of scheme and name", $"privatetoken TOKEN=\"{SampleTokens.Padded2}\"", TokenType.BlindRsa2048 },
        { "unknown parameters before and after", $"PrivateToken a=1, b=\"x, token=y\", token=\"{SampleTokens.Padded2}\",c=\"\"", TokenType.BlindRsa2048 },
        { "white space around the value and empty list elements", $"  PrivateToken  , token=\"{SampleTokens.Padded2}\" , ,", TokenType.BlindRsa2048 },
        { "a quoted pair, which receivers must unescape", $"PrivateToken token=\"\\{SampleTokens.Padded2}\"", TokenType.BlindRsa2048 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_token_is_read_from_what_the_client_sends(string client, string header, TokenType type)
    {
        _ = client;
        var token = new byte[TokenSizes.LargestToken];

        Assert.Equal(PrivateTokenError.None, PrivateTokenCredentials.TryRead(header, token, out var length));
        Assert.Equal(type == TokenType.BlindRsa2048 ? SampleTokens.Type2 : SampleTokens.Type1, token[..length]);
    }

    [Fact]
    public void A_missing_comma_is_refused_where_commas_are_required()
    {
        var token = new byte[TokenSizes.LargestToken];
        var strict = new PrivateTokenReadOptions { RequireCommas = true };

        Assert.Equal(PrivateTokenError.MalformedSyntax, PrivateTokenCredentials.TryRead($"PrivateToken token=\"{SampleTokens.Padded2}\" extensions=\"AAA\"", token, out _, strict));
        Assert.Equal(PrivateTokenError.None, PrivateTokenCredentials.TryRead($"PrivateToken token=\"{SampleTokens.Padded2}\", extensions=\"AAA\"", token, out _, strict));
    }
}
