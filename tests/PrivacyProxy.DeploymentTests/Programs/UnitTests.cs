using System.Text.RegularExpressions;

namespace PrivacyProxy.DeploymentTests.Programs;

/// <summary>The unit files, by systemd's own checker.</summary>
public sealed class UnitTests
{
    private const string Analyze = "/usr/bin/systemd-analyze";

    [SkippableTheory]
    [InlineData("privacy-proxy")]
    [InlineData("privacy-issuer")]
    [InlineData("privacy-auditor")]
    [InlineData("privacy-attester")]
    public async Task Systemd_takes_every_line_of_the_unit(string unit)
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        Skip.IfNot(File.Exists(Analyze), "systemd-analyze is not installed");
        using var folder = new TemporaryDirectory();
        // The program of the unit is that of the package: a file that can be run stands for it.
        var text = (await File.ReadAllTextAsync(Path.Combine(Product.RepositoryRoot, "deploy/debian", unit + ".service"))).Replace("/usr/bin/privacy-proxy", "/bin/true", StringComparison.Ordinal);
        var file = folder.File(unit + ".service");
        await File.WriteAllTextAsync(file, text);
        var result = await ChildProcess.RunAsync(Analyze, ["verify", "--man=no", file]);
        Assert.DoesNotContain(unit, result.Errors + result.Output, StringComparison.Ordinal);

        // The checker is not deaf.
        await File.WriteAllTextAsync(file, text.Replace("ProtectClock=", "ProtectClok=", StringComparison.Ordinal));
        Assert.Contains("ProtectClok", (await ChildProcess.RunAsync(Analyze, ["verify", "--man=no", file])).Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Systemd_takes_the_sockets_which_are_those_of_the_settings()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        Skip.IfNot(File.Exists(Analyze), "systemd-analyze is not installed");
        using var folder = new TemporaryDirectory();
        var deploy = Path.Combine(Product.RepositoryRoot, "deploy/debian");
        var socket = await File.ReadAllTextAsync(Path.Combine(deploy, "privacy-proxy.socket"));
        await File.WriteAllTextAsync(folder.File("privacy-proxy.socket"), socket);
        // The service that the socket starts, by its name.
        var service = (await File.ReadAllTextAsync(Path.Combine(deploy, "privacy-proxy.service"))).Replace("/usr/bin/privacy-proxy", "/bin/true", StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.File("privacy-proxy.service"), service);
        var result = await ChildProcess.RunAsync(Analyze, ["verify", "--man=no", folder.File("privacy-proxy.socket"), folder.File("privacy-proxy.service")]);
        Assert.DoesNotContain("privacy-proxy", result.Errors + result.Output, StringComparison.Ordinal);

        var address = Regex.Match(socket, @"\nListenStream=(\S+)").Groups[1].Value;
        Assert.Contains($"\"https://{address}\"", await File.ReadAllTextAsync(Path.Combine(deploy, "proxy.json")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Every_unit_has_a_user_and_a_folder_of_its_own_and_the_same_sandbox()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        var deploy = Path.Combine(Product.RepositoryRoot, "deploy/debian");
        var scripts = File.ReadAllText(Path.Combine(deploy, "postinst")) + File.ReadAllText(Path.Combine(deploy, "postrm"));
        var units = Directory.GetFiles(deploy, "*.service").Order(StringComparer.Ordinal).ToList();
        var sandboxes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var unit in units)
        {
            var (name, text) = (Path.GetFileNameWithoutExtension(unit), File.ReadAllText(unit));
            foreach (var line in new[] { $"User={name}", $"Group={name}", $"StateDirectory={name}", $"WorkingDirectory=/var/lib/{name}", "Type=notify" }) Assert.Contains($"\n{line}\n", text, StringComparison.Ordinal);
            // Made at the installation, gone after the purge.
            Assert.Equal(2, Regex.Count(scripts, $@"for user in [^;]*\b{name}\b[^;]*; do"));
            sandboxes.Add(text[text.IndexOf("\nUMask=", StringComparison.Ordinal)..]);
        }

        Assert.True(units.Count >= 3);
        Assert.Single(sandboxes);
    }

    [SkippableTheory]
    [InlineData("privacy-proxy")]
    [InlineData("privacy-issuer")]
    [InlineData("privacy-auditor")]
    [InlineData("privacy-attester")]
    public async Task The_sandbox_leaves_little_open(string unit)
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        Skip.IfNot(File.Exists(Analyze), "systemd-analyze is not installed");
        var result = await ChildProcess.RunAsync(Analyze, ["security", "--offline=true", "--threshold=25", Path.Combine(Product.RepositoryRoot, "deploy/debian", unit + ".service")]);
        Assert.True(result.ExitCode == 0, Regex.Match(result.Output, "Overall exposure.*").Value + result.Errors);
    }
}
