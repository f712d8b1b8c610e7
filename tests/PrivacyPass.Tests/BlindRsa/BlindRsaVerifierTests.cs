using System.Security.Cryptography;
using PrivacyPass.BlindRsa;

namespace PrivacyPass.Tests.BlindRsa;

public sealed class BlindRsaVerifierTests : IDisposable
{
    private readonly ITokenIssuer _issuer = TokenCryptography.GenerateIssuer(TokenType.BlindRsa2048);
    private readonly ITokenVerifier _verifier;
    private readonly byte[] _token;

    public BlindRsaVerifierTests()
    {
        _token = IssuedToken.From(_issuer);
        _verifier = TokenCryptography.CreateVerifier(_issuer.PublicKey.Span);
    }

    [Fact]
    public void Every_single_flipped_bit_of_a_token_is_refused()
    {
        Assert.True(IssuedToken.Accepts(_verifier, _token));
        for (var bit = 0; bit < 8 * _token.Length; bit++)
        {
            _token[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(IssuedToken.Accepts(_verifier, _token), $"bit {bit} of byte {bit / 8}");
            _token[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Verification_allocates_nothing()
    {
        var accepted = true;
        Assert.Equal(0, AllocatedBytes.Least(() =>
        {
            for (var i = 0; i < 1000; i++) accepted &= IssuedToken.Accepts(_verifier, _token);
        }));
        Assert.True(accepted);
    }

    [Fact]
    public void A_signature_not_below_the_modulus_is_refused()
    {
        // s + n is the same number modulo n; where it still fits in 256 bytes it would be a second form of one signature.
        var modulus = _issuer.PublicKey.Span.Slice(81, 256);
        modulus.CopyTo(_token.AsSpan(98));
        Assert.False(IssuedToken.Accepts(_verifier, _token));
        _token.AsSpan(98).Fill(0xFF);
        Assert.False(IssuedToken.Accepts(_verifier, _token));
        _token.AsSpan(98).Clear();
        Assert.False(IssuedToken.Accepts(_verifier, _token));
    }

    [Fact]
    public void A_signature_with_another_salt_length_is_refused()
    {
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(_issuer.ExportPrivateKey(), out _);
        using var key = new BlindRsaPrivateKey(rsa);
        var encoded = new byte[256];
        PssWithoutSalt(_token.AsSpan(0, 98), encoded);
        key.BlindSign(encoded).CopyTo(_token, 98);
        Assert.False(IssuedToken.Accepts(_verifier, _token));
    }

    [Fact]
    public void It_accepts_what_the_platform_signs_and_the_platform_accepts_what_it_accepts()
    {
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(_issuer.ExportPrivateKey(), out _);
        Assert.True(rsa.VerifyData(_token.AsSpan(0, 98), _token.AsSpan(98), HashAlgorithmName.SHA384, RSASignaturePadding.Pss));
        rsa.SignData(_token.AsSpan(0, 98), HashAlgorithmName.SHA384, RSASignaturePadding.Pss).CopyTo(_token, 98);
        Assert.True(IssuedToken.Accepts(_verifier, _token));
    }

    [Fact]
    public void A_default_token_view_is_refused() => Assert.False(_verifier.Verify(default));

    public void Dispose()
    {
        _verifier.Dispose();
        _issuer.Dispose();
    }

    // EMSA-PSS-ENCODE with sLen 0 (RSABSSA-SHA384-PSSZERO), which RFC 9578, section 6.4 does not verify.
    private static void PssWithoutSalt(ReadOnlySpan<byte> message, Span<byte> encoded)
    {
        var hash = SHA384.HashData([.. new byte[8], .. SHA384.HashData(message)]);
        var block = encoded[..^49];
        block.Clear();
        block[^1] = 0x01;
        for (var i = 0; i < block.Length; i++)
        {
            var mask = SHA384.HashData([.. hash, 0, 0, 0, (byte)(i / 48)]);
            block[i] ^= mask[i % 48];
        }

        block[0] &= 0x7F;
        hash.CopyTo(encoded[^49..]);
        encoded[^1] = 0xBC;
    }
}
