using System.Security.Cryptography;
using PrivacyPass;
using PrivacyProxy.Commands.Issuer.Keys;

namespace PrivacyProxy.Tests.Issuer;

public sealed class PemKeyTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_RSA_key_of_either_form_is_one_of_type_2()
    {
        using var rsa = RSA.Create(2048);
        foreach (var pem in new[] { rsa.ExportPkcs8PrivateKeyPem(), rsa.ExportRSAPrivateKeyPem() })
        {
            using var key = Read(pem);
            using var issuer = TokenCryptography.ImportIssuer(key.Type, key.PrivateKey);
            Assert.Equal(TokenType.BlindRsa2048, issuer.Type);
            Assert.Equal(key.PrivateKey, Read(key.ToPem()).PrivateKey);
        }
    }

    [Fact]
    public void A_P384_key_is_one_of_type_1_and_comes_back_as_it_was()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        foreach (var pem in new[] { ec.ExportPkcs8PrivateKeyPem(), ec.ExportECPrivateKeyPem() })
        {
            using var key = Read(pem);
            using var issuer = TokenCryptography.ImportIssuer(key.Type, key.PrivateKey);
            Assert.Equal(TokenType.VoprfP384, issuer.Type);
            Assert.Equal(key.PrivateKey, Read(key.ToPem()).PrivateKey);
        }
    }

    [Fact]
    public void Other_keys_public_keys_encrypted_ones_and_no_keys_are_refused_and_not_shown()
    {
        using var rsa = RSA.Create(2048);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var pem in new[]
        {
            "", "not a key", other.ExportPkcs8PrivateKeyPem(), rsa.ExportSubjectPublicKeyInfoPem(),
            rsa.ExportEncryptedPkcs8PrivateKeyPem("password", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1)),
        })
        {
            var error = Assert.Throws<FormatException>(() => Read(pem));
            Assert.DoesNotContain("BEGIN", error.Message, StringComparison.Ordinal);
        }

        Assert.Throws<FormatException>(() => PemKey.Read(_directory.File("absent.pem")));
    }

    private PemKey Read(string pem)
    {
        File.WriteAllText(_directory.File("key.pem"), pem);
        return PemKey.Read(_directory.File("key.pem"));
    }
}
