using System.Security.Cryptography.X509Certificates;
using PrivacyProxy.Certificates;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Tests.Certificates;

public sealed class ServerCertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void A_throw_away_certificate_chains_to_its_ca_and_names_every_host()
    {
        using var authority = CertificateAuthority.Create("test");
        using var leaf = authority.IssueServer(["localhost", "127.0.0.1", "::1", "proxy.example"]);
        using var written = X509CertificateLoader.LoadCertificateFromFile(authority.WriteTo(_folder));
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(written);
        Assert.True(chain.Build(leaf));
        Assert.False(written.HasPrivateKey);
        foreach (var host in new[] { "localhost", "127.0.0.1", "::1", "proxy.example" }) Assert.True(leaf.MatchesHostname(host), host);
        Assert.False(leaf.MatchesHostname("other.example"));
    }

    [Fact]
    public void Pem_files_load_with_the_key_beside_or_inside()
    {
        using var authority = CertificateAuthority.Create("test");
        using var leaf = authority.IssueServer(["proxy.example"]);
        var key = leaf.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        var chain = leaf.ExportCertificatePem() + "\n" + authority.Certificate.ExportCertificatePem();
        var beside = ServerCertificate.Load(Write("c.pem", chain), Write("k.pem", key));
        var inside = ServerCertificate.Load(Write("both.pem", chain + "\n" + key), null);
        Assert.True(beside.Leaf.HasPrivateKey && inside.Leaf.HasPrivateKey);
        Assert.Equal(authority.Certificate.Thumbprint, Assert.Single(inside.Chain).Thumbprint);
    }

    [Fact]
    public void Unusable_pem_files_are_named_by_their_keys()
    {
        using var authority = CertificateAuthority.Create("test");
        using var leaf = authority.IssueServer(["proxy.example"]);
        using var other = authority.IssueServer(["proxy.example"]);
        var certificate = Write("c.pem", leaf.ExportCertificatePem());
        var foreignKey = Write("k.pem", other.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        Expect("PrivacyProxy:Tls:Certificate is ", () => ServerCertificate.Load(certificate, null));
        Expect("PrivacyProxy:Tls:Certificate is ", () => ServerCertificate.Load(Write("empty.pem", "nothing"), null));
        Expect("PrivacyProxy:Tls:Certificate is ", () => ServerCertificate.Load(_folder, null));
        Expect("PrivacyProxy:Tls:CertificateKey is ", () => ServerCertificate.Load(certificate, foreignKey));
        Expect("PrivacyProxy:Tls:CertificateKey is ", () => ServerCertificate.Load(certificate, Write("junk.pem", "junk")));

        static void Expect(string start, Func<ServerCertificate> load) =>
            Assert.StartsWith(start, Assert.Throws<InvalidConfigurationException>(load).Message, StringComparison.Ordinal);
    }
}
