using PrivacyPass.BlindRsa;

namespace PrivacyPass.Tests.BlindRsa;

/// <summary>Keys that say salt length 0: RSABSSA-SHA384-PSSZERO-Deterministic of RFC 9474.</summary>
public sealed class SaltlessKeyTests
{
    [Fact]
    public void Tokens_of_a_key_that_says_so_are_without_salt_and_not_taken_for_its_twin_with()
    {
        using var issuer = TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048);
        var salted = issuer.PublicKey.ToArray();
        var saltless = (byte[])salted.Clone();
        saltless[66] = 0;
        using var client = TokenCryptography.CreateClient(TokenType.BlindRsa2048, saltless);
        using var pending = client.CreateRequest("challenge"u8);
        var request = pending.Request.ToArray();
        // The issuer cannot tell the two apart; only the name of the key differs.
        request[2] = issuer.KeyId.Truncated;
        var token = pending.Finalize(issuer.Issue(request));

        using var verifier = TokenCryptography.CreateVerifier(saltless);
        using var twin = TokenCryptography.CreateVerifier(salted);
        Assert.NotEqual(verifier.KeyId, twin.KeyId);
        Assert.True(IssuedToken.Accepts(verifier, token));
        Assert.False(IssuedToken.Accepts(twin, token));
        // Deterministic: one input has one signature.
        using var rsa = System.Security.Cryptography.RSA.Create();
        rsa.ImportPkcs8PrivateKey(issuer.ExportPrivateKey(), out _);
        using var key = new BlindRsaPrivateKey(rsa);
        var encoded = new byte[256];
        EmsaPss.Encode(token.AsSpan(0, 98), [], 2048, encoded);
        Assert.Equal(key.BlindSign(encoded), token[98..]);
    }
}
