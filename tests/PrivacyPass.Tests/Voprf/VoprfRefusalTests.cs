using PrivacyPass.Voprf;

namespace PrivacyPass.Tests.Voprf;

public sealed class VoprfRefusalTests
{
    private const string Order = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973";
    private const string GeneratorX = "AA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7";
    private const string GeneratorY = "3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F";
    private const string Prime = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF";

    [Theory]
    [InlineData("00")] // the identity
    [InlineData("04" + GeneratorX + GeneratorY)] // uncompressed
    [InlineData("06" + GeneratorX + GeneratorY)] // hybrid
    [InlineData("04" + GeneratorX)]
    [InlineData("00" + GeneratorX)]
    [InlineData("02" + Prime)] // a coordinate that is not reduced
    [InlineData("02FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("02000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001")] // too long
    public void An_element_that_is_not_a_compressed_point_is_refused(string hex)
    {
        var element = Convert.FromHexString(hex);
        Assert.Throws<TokenIssuanceException>(() => TokenCryptography.CreateClient(TokenType.VoprfP384, element));
        using var issuer = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);
        Assert.Throws<TokenIssuanceException>(() => issuer.Issue([0, 1, issuer.KeyId.Truncated, .. element]));
    }

    [Fact]
    public void An_x_coordinate_without_a_point_is_refused()
    {
        var refused = 0;
        using var scope = P384.Order.Begin();
        for (byte x = 0; x < 32; x++)
        {
            byte[] element = [0x02, .. new byte[47], x];
            if (P384.DecodeElement(scope, element) is null) refused++;
        }

        // About half of all x coordinates lie off the curve.
        Assert.InRange(refused, 4, 28);
    }

    [Theory]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(Order)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("01")]
    [InlineData("")]
    public void A_private_scalar_that_is_zero_not_reduced_or_of_another_size_is_refused(string hex) =>
        Assert.Throws<TokenIssuanceException>(() => TokenCryptography.ImportIssuer(TokenType.VoprfP384, Convert.FromHexString(hex)));

    [Fact]
    public void A_proof_is_refused_for_other_elements_another_order_of_them_and_another_key()
    {
        using var key = OprfPrivateKey.Derive(OprfSuite.Voprf, new byte[48], "a"u8);
        using var other = OprfPrivateKey.Derive(OprfSuite.Voprf, new byte[48], "b"u8);
        using var first = BlindedInput.Create(OprfSuite.Voprf, "1"u8);
        using var second = BlindedInput.Create(OprfSuite.Voprf, "2"u8);
        byte[] blinded = [.. first.Element, .. second.Element];
        byte[] swapped = [.. second.Element, .. first.Element];
        var response = key.BlindEvaluate(blinded);
        var evaluated = response[..98];
        var proof = response[98..];
        var half = blinded.AsSpan(0, 49);

        var publicKey = new VoprfPublicKey(OprfSuite.Voprf, key.PublicKey);
        Assert.True(publicKey.VerifyProof(blinded, evaluated, proof));
        Assert.False(publicKey.VerifyProof(swapped, evaluated, proof));
        Assert.False(publicKey.VerifyProof(half, evaluated, proof));
        Assert.False(publicKey.VerifyProof(half, evaluated.AsSpan(0, 49), proof));
        Assert.False(publicKey.VerifyProof([], [], proof));
        Assert.False(publicKey.VerifyProof(blinded, evaluated, proof.AsSpan(1)));
        Assert.False(publicKey.VerifyProof(blinded, evaluated, [.. Convert.FromHexString(Order), .. proof[48..]]));
        Assert.False(publicKey.VerifyProof(blinded, evaluated, new byte[96]));
        Assert.False(new VoprfPublicKey(OprfSuite.Voprf, other.PublicKey).VerifyProof(blinded, evaluated, proof));
    }

    [Fact]
    public void A_token_with_any_byte_altered_is_refused()
    {
        using var issuer = TokenCryptography.GenerateIssuer(TokenType.VoprfP384);
        using var verifier = issuer.CreateVerifier();
        var token = IssuedToken.From(issuer);
        Assert.True(IssuedToken.Accepts(verifier, token));
        for (var i = 0; i < token.Length; i++)
        {
            token[i] ^= (byte)(1 << (i % 8));
            Assert.False(IssuedToken.Accepts(verifier, token), $"byte {i}");
            token[i] ^= (byte)(1 << (i % 8));
        }

        Assert.False(verifier.Verify(default));
    }
}
