namespace PrivacyPass.Tests;

public sealed class TokenCryptographyTests
{
    private static readonly byte[] _challenge = [0x00, 0x02, 0x00, 0x01, (byte)'i', 0x00, 0x00, 0x00];

    public static TheoryData<TokenType> Types => [TokenType.VoprfP384, TokenType.BlindRsa2048, TokenType.VoprfRistretto255, TokenType.PartiallyBlindRsa2048];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_token_issued_to_a_client_is_accepted_by_the_verifier_of_its_key_only(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        using var other = TestIssuers.CreateOther(type);
        using var client = TokenCryptography.CreateClient(type, issuer.PublicKey.Span);
        using var pending = client.CreateRequest(_challenge);
        Assert.Equal(TokenSizes.TokenRequest(type) + (TokenSizes.HasExtensions(type) ? 2 : 0), pending.Request.Length);
        Assert.Equal(TokenSizes.PublicKey(type), issuer.PublicKey.Length);

        var response = issuer.Issue(pending.Request.Span);
        Assert.Equal(TokenSizes.TokenResponse(type), response.Length);
        var token = pending.Finalize(response);

        Assert.True(TokenView.TryRead(token, out var view));
        view = view.WithExtensions(TokenExtensions.Empty.Encoded.Span);
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
        using var issuer = TestIssuers.Create(type);
        using var again = TokenCryptography.ImportIssuer(type, issuer.ExportPrivateKey());
        Assert.Equal(issuer.KeyId, again.KeyId);
        Assert.Equal(issuer.PublicKey.ToArray(), again.PublicKey.ToArray());
    }

    [Theory]
    [InlineData(TokenType.None)]
    [InlineData((TokenType)0xDA7B)]
    public void A_token_type_that_is_not_built_is_refused_as_an_argument(TokenType type)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenCryptography.GenerateIssuer(type));
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenCryptography.ImportIssuer(type, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => TokenCryptography.CreateClient(type, []));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Two_requests_for_one_challenge_have_nothing_in_common_after_the_header(TokenType type)
    {
        using var issuer = TestIssuers.Create(type);
        using var client = TokenCryptography.CreateClient(type, issuer.PublicKey.Span);
        using var first = client.CreateRequest(_challenge);
        using var second = client.CreateRequest(_challenge);
        Assert.Equal(first.Request.ToArray()[..3], second.Request.ToArray()[..3]);
        Assert.NotEqual(first.Request.ToArray(), second.Request.ToArray());
        var tokens = new[] { first, second }.Select(pending => pending.Finalize(issuer.Issue(pending.Request.Span))).ToArray();
        Assert.NotEqual(tokens[0][2..34], tokens[1][2..34]);
        Assert.Equal(tokens[0][34..98], tokens[1][34..98]);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Nothing_works_after_disposal_and_disposing_twice_is_fine(TokenType type)
    {
        var issuer = TestIssuers.Create(type);
        using var client = TokenCryptography.CreateClient(type, issuer.PublicKey.Span);
        var pending = client.CreateRequest(_challenge);
        var request = pending.Request.ToArray();
        var response = issuer.Issue(request);
        pending.Dispose();
        pending.Dispose();
        issuer.Dispose();
        issuer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pending.Finalize(response));
        Assert.Throws<ObjectDisposedException>(() => issuer.Issue(request));
    }
}
