namespace PrivacyPass.Tests;

public sealed class TokenCryptographyTests
{
    private static readonly byte[] _challenge = [0x00, 0x02, 0x00, 0x01, (byte)'i', 0x00, 0x00, 0x00];

    public static TheoryData<TokenType> Types => [TokenType.VoprfP384, TokenType.BlindRsa2048];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_token_issued_to_a_client_is_accepted_by_the_verifier_of_its_key_only(TokenType type)
    {
        using var issuer = TokenCryptography.GenerateIssuer(type);
        using var other = TokenCryptography.GenerateIssuer(type);
        using var client = TokenCryptography.CreateClient(type, issuer.PublicKey.Span);
        using var pending = client.CreateRequest(_challenge);
        Assert.Equal(TokenSizes.TokenRequest(type), pending.Request.Length);
        Assert.Equal(TokenSizes.PublicKey(type), issuer.PublicKey.Length);

        var response = issuer.Issue(pending.Request.Span);
        Assert.Equal(TokenSizes.TokenResponse(type), response.Length);
        var token = pending.Finalize(response);

        Assert.True(TokenView.TryRead(token, out var view));
        Assert.Equal(issuer.KeyId, view.KeyId);
        using var verifier = issuer.CreateVerifier();
        using var stranger = other.CreateVerifier();
        Assert.True(verifier.Verify(view));
        Assert.False(stranger.Verify(view));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void An_exported_issuer_key_imports_to_the_same_issuer(TokenType type)
    {
        using var issuer = TokenCryptography.GenerateIssuer(type);
        using var again = TokenCryptography.ImportIssuer(type, issuer.ExportPrivateKey());
        Assert.Equal(issuer.KeyId, again.KeyId);
        Assert.Equal(issuer.PublicKey.ToArray(), again.PublicKey.ToArray());
    }
}
