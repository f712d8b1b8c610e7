namespace PrivacyPass.Tests;

public sealed class TokenRequestRefusalTests
{
    public static TheoryData<TokenType> Types => TokenCryptographyTests.Types;

    [Theory]
    [MemberData(nameof(Types))]
    public void A_request_of_another_size_type_or_key_is_refused(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        using var client = TokenCryptography.CreateClient(type, issuer.PublicKey.Span);
        using var pending = client.CreateRequest("challenge"u8);
        var request = pending.Request.ToArray();

        Refused(issuer, []);
        Refused(issuer, request[..2]);
        Refused(issuer, request[..3]);
        Refused(issuer, request[..^1]);
        Refused(issuer, [.. request, 0]);
        Refused(issuer, [request[0], (byte)(request[1] ^ 3), .. request[2..]]);
        Refused(issuer, [.. request[..2], (byte)(request[2] ^ 1), .. request[3..]]);
    }

    [Fact]
    public void A_blinded_message_not_below_the_modulus_is_refused()
    {
        using var issuer = TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048);
        var modulus = issuer.PublicKey.Slice(81, 256).ToArray();
        Refused(issuer, [0, 2, issuer.KeyId.Truncated, .. modulus]);
        Refused(issuer, [0, 2, issuer.KeyId.Truncated, .. Enumerable.Repeat((byte)0xFF, 256)]);
        Assert.Equal(new byte[256], issuer.Issue([0, 2, issuer.KeyId.Truncated, .. new byte[256]]));
    }

    private static void Refused(ITokenIssuer issuer, byte[] request) =>
        Assert.Throws<TokenIssuanceException>(() => issuer.Issue(request));
}
