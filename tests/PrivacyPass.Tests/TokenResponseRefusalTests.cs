namespace PrivacyPass.Tests;

public sealed class TokenResponseRefusalTests
{
    public static TheoryData<TokenType> Types => TokenCryptographyTests.Types;

    [Theory]
    [MemberData(nameof(Types))]
    public void A_response_with_any_byte_altered_or_of_another_size_is_refused(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        using var client = TokenCryptography.CreateClient(type, issuer.PublicKey.Span);
        using var pending = client.CreateRequest("challenge"u8);
        var response = issuer.Issue(pending.Request.Span);

        Refused(pending, []);
        Refused(pending, response[..^1]);
        Refused(pending, [.. response, 0]);
        // A check of type 0xDA7A takes some milliseconds; its bytes are alike.
        for (var i = 0; i < response.Length; i += type == TokenType.PartiallyBlindRsa2048 ? 13 : 1)
        {
            response[i] ^= (byte)(1 << (i % 8));
            Refused(pending, response);
            response[i] ^= (byte)(1 << (i % 8));
        }

        Assert.Equal(TokenSizes.Token(type), pending.Finalize(response).Length);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_response_made_with_another_key_is_refused(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        using var other = TestIssuers.CreateOther(type);
        using var client = TokenCryptography.CreateClient(type, issuer.PublicKey.Span);
        using var pending = client.CreateRequest("challenge"u8);
        var request = pending.Request.ToArray();
        request[2] = other.KeyId.Truncated;
        // A blinded message for one modulus may be out of range of another; its top byte in doubt is made small.
        if (type is TokenType.BlindRsa2048 or TokenType.PartiallyBlindRsa2048) request[3] &= 0x7F;
        Refused(pending, other.Issue(request));
    }

    private static void Refused(PendingToken pending, byte[] response) =>
        Assert.Throws<TokenIssuanceException>(() => pending.Finalize(response));
}
