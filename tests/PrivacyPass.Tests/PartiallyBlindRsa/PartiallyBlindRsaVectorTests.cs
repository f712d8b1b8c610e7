using System.Security.Cryptography;
using PrivacyPass.BlindRsa;
using PrivacyPass.PartiallyBlindRsa;
using PrivacyPass.Tests.BlindRsa;

namespace PrivacyPass.Tests.PartiallyBlindRsa;

public sealed class PartiallyBlindRsaVectorTests
{
    public static TheoryData<int> Structures => [.. Enumerable.Range(0, VectorFile.Read("public_metadata_DA7A_token_struct").Count)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Signing_reproduces_the_vectors_of_the_CFRG_draft(int index)
    {
        var vector = VectorFile.Read("pbrsa_rsapbssa")[index];
        using var rsa = RSA.Create(TestIssuers.Parameters(vector));
        using var key = new PartiallyBlindRsaPrivateKey(rsa.ExportParameters(includePrivateParameters: true), rsa.ExportPkcs8PrivateKey());
        var info = vector.Hex("info");
        Assert.Equal(vector.Hex("eprime"), MetadataKey.DeriveExponent(vector.Hex("n"), info));
        using var derived = MetadataKey.Derive(key.Public, info);
        using var blinded = BlindedMessage.Create(derived, MetadataKey.Message(info, vector.Hex("msg")), vector.Hex("salt"), vector.Hex("r"));
        Assert.Equal(vector.Hex("blind_msg"), blinded.Value);
        var blindSignature = key.BlindSign(info, blinded.Value);
        Assert.Equal(vector.Hex("blind_sig"), blindSignature);
        Assert.Equal(vector.Hex("sig"), blinded.Finalize(blindSignature));
    }

    [Fact]
    public void Issuance_reproduces_the_request_response_and_token_of_Cloudflares_vector()
    {
        var vector = VectorFile.Read("public_metadata_DA7A_issuance")[0];
        using var issuer = TokenCryptography.ImportIssuer(TokenType.PartiallyBlindRsa2048, BlindRsaVectorTests.Pkcs8(vector));
        Assert.Equal(vector.Hex("pkS"), issuer.PublicKey.ToArray());
        using var client = new PartiallyBlindRsaClient(vector.Hex("pkS"));
        Assert.True(TokenExtensions.TryRead(vector.Hex("extensions"), out var extensions));
        using var pending = client.CreateRequest(vector.Hex("token_challenge"), extensions!, vector.Hex("nonce"), vector.Hex("salt"), vector.Hex("blind"));
        Assert.Equal(vector.Hex("token_request"), pending.Request.ToArray());
        var response = issuer.Issue(pending.Request.Span);
        Assert.Equal(vector.Hex("token_response"), response);
        var token = pending.Finalize(response);
        Assert.Equal(vector.Hex("token"), token);

        using var verifier = TokenCryptography.CreateVerifier(TokenType.PartiallyBlindRsa2048, vector.Hex("pkS"));
        Assert.True(TokenView.TryRead(token, out var view));
        Assert.True(verifier.Verify(view.WithExtensions(vector.Hex("extensions"))));
        Assert.False(verifier.Verify(view));
        Assert.False(verifier.Verify(view.WithExtensions(TokenExtensions.Empty.Encoded.Span)));
        Assert.False(verifier.Verify(view.WithExtensions([0, 7, 0, 1, 0, 3, 1, 2, 4])));
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void The_authenticator_input_is_that_of_other_types(int index)
    {
        var vector = VectorFile.Read("public_metadata_DA7A_token_struct")[index];
        string Text(string name) => System.Text.Encoding.ASCII.GetString(vector.Hex(name));
        var challenge = new TokenChallenge(TokenType.PartiallyBlindRsa2048, Text("issuer_name"), vector.Hex("redemption_context"), Text("origin_info"));
        Assert.Equal(vector.Hex("token_authenticator_input"), AuthenticatorInput.Create(
            TokenType.PartiallyBlindRsa2048, vector.Hex("nonce"), challenge.Encoded.Span, new TokenKeyId(vector.Hex("token_key_id"))));
    }

    [Fact]
    public void A_token_is_good_with_the_extensions_it_was_asked_for_with_and_no_others()
    {
        using var issuer = TestIssuers.Create(TokenType.PartiallyBlindRsa2048);
        using var client = (IExtendedTokenClient)TokenCryptography.CreateClient(issuer.Type, issuer.PublicKey.Span);
        var extensions = new TokenExtensions([TokenExtension.Expiration(DateTimeOffset.UtcNow.AddHours(1), TimeSpan.FromMinutes(15)), TokenExtension.GeoHint("US,US-AL,ALABASTER")]);
        using var pending = client.CreateRequest("challenge"u8, extensions);
        var token = pending.Finalize(issuer.Issue(pending.Request.Span));
        using var verifier = issuer.CreateVerifier();
        Assert.True(TokenView.TryRead(token, out var view));
        Assert.True(verifier.Verify(view.WithExtensions(extensions.Encoded.Span)));
        var moved = new TokenExtensions([extensions.Items[0], TokenExtension.GeoHint("DE,DE-BE,BERLIN")]);
        Assert.False(verifier.Verify(view.WithExtensions(moved.Encoded.Span)));
    }

    [Fact]
    public void A_request_whose_extensions_are_malformed_unordered_or_too_many_is_refused()
    {
        using var issuer = TestIssuers.Create(TokenType.PartiallyBlindRsa2048);
        byte[] request = [0xDA, 0x7A, issuer.KeyId.Truncated, .. new byte[255], 2];
        Assert.Equal(256, issuer.Issue([.. request, 0, 0]).Length);
        Refused([]);
        Refused([0, 1, 0]);
        Refused([0, 8, 0, 2, 0, 0, 0, 1, 0, 0]);
        Refused([.. new byte[] { 4, 4, 0, 9, 4, 0 }, .. new byte[1024]]);
        void Refused(byte[] extensions) => Assert.Throws<TokenIssuanceException>(() => issuer.Issue([.. request, .. extensions]));
    }

    [Fact]
    public void A_key_of_primes_that_are_not_safe_is_refused()
    {
        using var rsa = RSA.Create(2048);
        Assert.Throws<TokenIssuanceException>(() => TokenCryptography.ImportIssuer(TokenType.PartiallyBlindRsa2048, rsa.ExportPkcs8PrivateKey()));
    }
}
