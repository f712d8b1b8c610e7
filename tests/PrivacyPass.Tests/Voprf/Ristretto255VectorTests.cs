using PrivacyPass.Voprf;

namespace PrivacyPass.Tests.Voprf;

public sealed class Ristretto255VectorTests
{
    public static TheoryData<int> IssuanceVectors => [.. Enumerable.Range(0, VectorFile.Read("batched_A1_type5_voprf_ristretto255").Count)];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void The_mode_with_proof_reproduces_RFC_9497_A_1_2_single_and_batched(int index, int batch) =>
        OprfVectorTests.AssertReproduces(OprfSuite.Ristretto255, VectorFile.Read("rfc9497_A1_2_voprf_ristretto255")[index], batch);

    [Theory]
    [MemberData(nameof(IssuanceVectors))]
    public void Issuance_reproduces_appendix_A_1_of_the_batch_draft(int index)
    {
        var vector = VectorFile.Read("batched_A1_type5_voprf_ristretto255")[index];
        VoprfIssuanceVectorTests.AssertReproduces(VoprfTokenType.Ristretto255, vector);
    }

    [Fact]
    public void The_identity_and_scalars_that_are_not_reduced_are_refused()
    {
        using var issuer = TokenCryptography.GenerateIssuer(TokenType.VoprfRistretto255);
        Assert.Throws<TokenIssuanceException>(() => TokenCryptography.CreateClient(TokenType.VoprfRistretto255, new byte[32]));
        Assert.Throws<TokenIssuanceException>(() => issuer.Issue([0, 5, issuer.KeyId.Truncated, .. new byte[32]]));
        Assert.Throws<TokenIssuanceException>(() => TokenCryptography.ImportIssuer(TokenType.VoprfRistretto255, new byte[32]));
        // The order, little-endian.
        var order = Convert.FromHexString("EDD3F55C1A631258D69CF7A2DEF9DE1400000000000000000000000000000010");
        Assert.Throws<TokenIssuanceException>(() => TokenCryptography.ImportIssuer(TokenType.VoprfRistretto255, order));
        order[0]--;
        TokenCryptography.ImportIssuer(TokenType.VoprfRistretto255, order).Dispose();
    }
}
