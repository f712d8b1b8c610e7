using PrivacyProxy.DeploymentTests.Reloading;

namespace PrivacyProxy.DeploymentTests.Programs;

/// <summary>certbot's hook brings a renewed certificate to a proxy at work.</summary>
public sealed class CertbotHookTests
{
    [SkippableFact]
    public async Task A_renewed_certificate_is_shown_without_a_restart_and_its_key_is_the_proxys_alone()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        Skip.IfNot(Environment.UserName == "root", "gives files to another group");
        var root = new TestAuthority();
        using var first = root.Issue();
        using var second = root.Issue();
        using var live = new TemporaryDirectory();
        await using var proxy = new ConfiguredProxy();
        Directory.CreateDirectory(Path.Combine(proxy.Folder, "tls"));
        await RenewAsync(first);
        proxy.WriteSettings("key", "any", certificate: Path.Combine(proxy.Folder, "tls/fullchain.pem"), key: Path.Combine(proxy.Folder, "tls/privkey.pem"));
        await proxy.StartAsync();
        Assert.Equal(first.Thumbprint, (await proxy.ShownAsync()).Thumbprint);

        await RenewAsync(second);
        await proxy.ReloadsAsync("applied", 1);
        Assert.Equal(second.Thumbprint, (await proxy.ShownAsync()).Thumbprint);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            File.GetUnixFileMode(Path.Combine(proxy.Folder, "tls/privkey.pem")));

        async Task RenewAsync(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate)
        {
            await File.WriteAllTextAsync(live.File("fullchain.pem"), certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(live.File("privkey.pem"), certificate.KeyPem());
            var hook = await ChildProcess.RunAsync("sh", [Path.Combine(Product.RepositoryRoot!, "deploy/debian/certbot-hook")], new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["RENEWED_LINEAGE"] = live.Path,
                ["PRIVACY_PROXY_TLS"] = Path.Combine(proxy.Folder, "tls"),
                ["PRIVACY_PROXY_USER"] = "daemon",
            });
            Assert.True(hook.ExitCode == 0, hook.Errors);
        }
    }
}
