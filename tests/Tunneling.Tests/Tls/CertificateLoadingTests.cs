using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tunneling.Tls;

namespace Tunneling.Tests.Tls;

public sealed class CertificateLoadingTests : IDisposable
{
    private static readonly TestAuthority _authority = new();
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly X509Certificate2 _certificate = _authority.Issue(["a.example", "*.b.example"]);

    [Fact]
    public void A_chain_and_a_key_are_read_from_two_files_or_one()
    {
        var (certificate, key) = (Write("cert.pem", _certificate.ExportCertificatePem() + "\n" + _authority.Pem), Write("key.pem", _certificate.KeyPem()));
        var both = Write("both.pem", "# with a remark\n" + _certificate.ExportCertificatePem() + "\n" + _authority.Pem + _certificate.KeyPem());
        foreach (var loaded in new[] { TlsCertificate.Load(certificate, key), TlsCertificate.Load(both), TlsCertificate.Load(both, both) })
        {
            Assert.Equal(["a.example", "*.b.example"], loaded.Names);
            Assert.Equal(_certificate.NotAfter.ToUniversalTime(), loaded.NotAfter);
            AssertServes(loaded);
        }
    }

    [SkippableTheory]
    [InlineData("genrsa", "-traditional", "2048")]
    [InlineData("genpkey", "-algorithm", "RSA")]
    [InlineData("genpkey", "-algorithm", "ED25519")]
    [InlineData("ecparam", "-name", "prime256v1", "-genkey")]
    [InlineData("ecparam", "-name", "secp384r1", "-genkey", "-noout")]
    public async Task Keys_of_every_usual_form_are_read(params string[] arguments)
    {
        var key = Write("key.pem", await Tool.Run("openssl", "", arguments));
        var certificate = Path.Combine(_folder, "cert.pem");
        await Tool.Run("openssl", "", "req", "-x509", "-new", "-key", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost");
        AssertServes(TlsCertificate.Load(certificate, key));
    }

    [Fact]
    public void Objects_of_dotnet_are_taken_with_their_keys()
    {
        AssertServes(TlsCertificate.From(_certificate, [_authority.Certificate]));
        using var rsa = _authority.Issue(rsa: true);
        AssertServes(TlsCertificate.From(rsa));
        using var stored = X509CertificateLoader.LoadPkcs12(_certificate.Export(X509ContentType.Pkcs12), null);
        AssertServes(TlsCertificate.From(stored));
        using var keyless = X509CertificateLoader.LoadCertificate(_certificate.RawData);
        Assert.Equal(TlsCertificatePart.Key, Assert.Throws<TlsCertificateException>(() => TlsCertificate.From(keyless)).Part);
    }

    [Fact]
    public void Each_fault_is_told_with_the_file_it_is_in()
    {
        var certificate = Write("cert.pem", _certificate.ExportCertificatePem());
        var key = Write("key.pem", _certificate.KeyPem());
        using var ecdsa = _certificate.GetECDsaPrivateKey()!;
        var encrypted = Write("encrypted.pem", ecdsa.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 10)));
        var other = Write("other.pem", _authority.Issue().KeyPem());
        var text = Write("text.pem", "hello\n");
        var broken = Write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        var halfBroken = Write("half.pem", _certificate.ExportCertificatePem() + "\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        var brokenKey = Write("brokenkey.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        var missing = Path.Combine(_folder, "missing.pem");
        AssertFault(TlsCertificatePart.Certificate, $"'{missing}' cannot be read.", missing, key);
        AssertFault(TlsCertificatePart.Key, $"'{missing}' cannot be read.", certificate, missing);
        AssertFault(TlsCertificatePart.Certificate, $"'{text}' holds no certificate in PEM.", text, key);
        AssertFault(TlsCertificatePart.Certificate, $"'{key}' holds no certificate in PEM.", key, key);
        AssertFault(TlsCertificatePart.Certificate, $"'{broken}' holds a certificate that cannot be read.", broken, key);
        AssertFault(TlsCertificatePart.Certificate, $"'{halfBroken}' holds a certificate that cannot be read.", halfBroken, key);
        AssertFault(TlsCertificatePart.Key, $"'{certificate}' holds no private key that can be read.", certificate, null);
        AssertFault(TlsCertificatePart.Key, $"'{text}' holds no private key that can be read.", certificate, text);
        AssertFault(TlsCertificatePart.Key, $"'{brokenKey}' holds no private key that can be read.", certificate, brokenKey);
        AssertFault(TlsCertificatePart.Key, $"The private key in '{encrypted}' is encrypted; it must not be.", certificate, encrypted);
        AssertFault(TlsCertificatePart.Key, $"The private key in '{other}' is not that of the first certificate in '{certificate}'.", certificate, other);
    }

    [SkippableFact]
    public void A_key_too_short_is_refused_when_the_context_is_made()
    {
        using var weak = TestCertificate.CreateWeak();
        var loaded = TlsCertificate.From(weak);
        try
        {
            new TlsServerContext(new TlsServerOptions(), loaded).Dispose();
            Skip.If(true, "This system allows short keys.");
        }
        catch (CryptographicException exception)
        {
            Assert.Equal("OpenSSL failed in SSL_CTX_use_cert_and_key: ee key too small.", exception.Message);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void AssertFault(TlsCertificatePart part, string message, string certificate, string? key)
    {
        var exception = Assert.Throws<TlsCertificateException>(() => TlsCertificate.Load(certificate, key));
        Assert.Equal((part, message), (exception.Part, exception.Message));
    }

    private static void AssertServes(TlsCertificate certificate)
    {
        using var context = new TlsServerContext(new TlsServerOptions(), certificate);
        using var pair = new TlsPair(context);
        pair.Handshake();
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
