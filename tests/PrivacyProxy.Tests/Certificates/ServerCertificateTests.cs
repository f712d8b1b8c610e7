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
    public void A_throw_away_ca_is_kept_and_used_again()
    {
        string first;
        using (var authority = CertificateAuthority.LoadOrCreate("test", _folder)) first = File.ReadAllText(authority.WriteTo(_folder));
        using var again = CertificateAuthority.LoadOrCreate("test", _folder);
        using var leaf = again.IssueServer(["proxy.example"]);
        Assert.Equal(first, File.ReadAllText(again.WriteTo(_folder)));
        using var written = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, CertificateAuthority.FileName));
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(written);
        Assert.True(chain.Build(leaf));
    }

    /// <summary>One whose key others could have read or put there, that is damaged, of another key, no authority, or about to expire.</summary>
    [Theory]
    [InlineData("read by others")]
    [InlineData("damaged key")]
    [InlineData("damaged certificate")]
    [InlineData("another key")]
    [InlineData("no authority")]
    [InlineData("no key")]
    public void A_throw_away_ca_that_cannot_be_relied_on_is_replaced(string what)
    {
        using var kept = CertificateAuthority.Create("test");
        using var other = CertificateAuthority.Create("test");
        using var leaf = kept.IssueServer(["proxy.example"]);
        kept.WriteTo(_folder);
        var (file, key) = (Path.Combine(_folder, CertificateAuthority.FileName), Path.Combine(_folder, CertificateAuthority.KeyFileName));
        switch (what)
        {
            case "read by others": File.SetUnixFileMode(key, OwnFiles.PublicFile); break;
            case "damaged key": File.WriteAllText(key, "-----BEGIN"); break;
            case "damaged certificate": File.WriteAllText(file, ""); break;
            case "another key": File.WriteAllText(key, other.Certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()); break;
            case "no authority":
                File.WriteAllText(file, leaf.ExportCertificatePem());
                File.WriteAllText(key, leaf.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
                break;
            default: File.Delete(key); break;
        }

        using var fresh = CertificateAuthority.LoadOrCreate("test", _folder);
        Assert.NotEqual(kept.Certificate.Thumbprint, fresh.Certificate.Thumbprint);
        Assert.NotEqual(leaf.Thumbprint, fresh.Certificate.Thumbprint);
        fresh.WriteTo(_folder);
        using var again = CertificateAuthority.LoadOrCreate("test", _folder);
        Assert.Equal(fresh.Certificate.Thumbprint, again.Certificate.Thumbprint);
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
