using System.Security.Cryptography;

namespace PrivacyPass.Tests.BlindRsa;

public sealed class BlindRsaKeyTests
{
    private readonly byte[] _key = VectorFile.Read("rfc9578_A2_blind_rsa")[0].Hex("pkS");

    [Fact]
    public void An_encoding_with_NULL_hash_parameters_is_refused()
    {
        var hashAlgorithm = Convert.FromHexString("300b0609608648016503040202");
        var at = _key.AsSpan().IndexOf(hashAlgorithm);
        byte[] altered = [.. _key[..at], .. Convert.FromHexString("300d06096086480165030402020500"), .. _key[(at + hashAlgorithm.Length)..]];
        Refused(altered);
    }

    [Fact]
    public void The_rsaEncryption_encoding_is_refused()
    {
        using var rsa = RSA.Create(2048);
        Refused(rsa.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public void A_modulus_of_another_size_is_refused()
    {
        _key[81] = 0x7F;
        Refused(_key);
    }

    [Fact]
    public void An_even_modulus_is_refused()
    {
        _key[^6] &= 0xFE;
        Refused(_key);
    }

    [Fact]
    public void Another_exponent_is_refused()
    {
        _key[^1] = 0x03;
        Refused(_key);
    }

    [Fact]
    public void Missing_and_trailing_bytes_are_refused()
    {
        Refused([]);
        Refused(_key[..^1]);
        Refused([.. _key, 0x00]);
    }

    [Fact]
    public void Every_changed_byte_around_the_modulus_is_refused()
    {
        for (var i = 0; i < _key.Length; i++)
        {
            if (i is >= 81 and < 337) continue;
            _key[i] ^= 0x20;
            Refused(_key);
            _key[i] ^= 0x20;
        }
    }

    [Fact]
    public void A_private_key_of_another_size_or_with_trailing_bytes_is_refused()
    {
        using var small = RSA.Create(1024);
        using var good = RSA.Create(2048);
        RefusedPrivate(small.ExportPkcs8PrivateKey());
        RefusedPrivate([.. good.ExportPkcs8PrivateKey(), 0x00]);
        RefusedPrivate(good.ExportRSAPrivateKey());
    }

    [Theory]
    [InlineData(nameof(RSAParameters.P))]
    [InlineData(nameof(RSAParameters.Q))]
    [InlineData(nameof(RSAParameters.DP))]
    [InlineData(nameof(RSAParameters.DQ))]
    [InlineData(nameof(RSAParameters.InverseQ))]
    public void A_private_key_whose_parts_do_not_fit_is_refused(string part)
    {
        using var rsa = RSA.Create(2048);
        var parameters = rsa.ExportParameters(includePrivateParameters: true);
        var value = (byte[])typeof(RSAParameters).GetField(part)!.GetValue(parameters)!;
        var key = rsa.ExportPkcs8PrivateKey();
        key[key.AsSpan().IndexOf(value) + 64] ^= 0x10;
        RefusedPrivate(key);
    }

    private static void Refused(byte[] key)
    {
        Assert.Throws<TokenIssuanceException>(() => TokenCryptography.CreateVerifier(key));
        Assert.Throws<TokenIssuanceException>(() => TokenCryptography.CreateClient(TokenType.BlindRsa2048, key));
    }

    private static void RefusedPrivate(byte[] key) =>
        Assert.Throws<TokenIssuanceException>(() => TokenCryptography.ImportIssuer(TokenType.BlindRsa2048, key));
}
