using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using PrivacyPass.Issuance;
using PrivacyProxy.Commands;
using PrivacyProxy.Commands.Auditor;
using PrivacyProxy.Commands.Issuer;
using PrivacyProxy.Configuration;
using PrivacyProxy.Hosting;
using TransparencyLog.Notes;

namespace PrivacyProxy.DeploymentTests.Programs;

/// <summary>The settings of docs/quickstart.md and of the package are taken as written, and fit one another.</summary>
public sealed class QuickstartTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void The_settings_of_the_page_are_taken()
    {
        var proxy = ReadProxy(Block("docs/quickstart.md", "{"));
        Assert.Equal("https://*:443", Assert.Single(proxy.Urls));
        AssertFits(proxy);
    }

    [SkippableFact]
    public void The_settings_of_the_package_are_taken_and_its_proxy_asks_its_issuer() => AssertFits(ReadProxy(Text("deploy/debian/proxy.json")));

    [SkippableFact]
    public void The_packages_auditor_follows_its_issuer_once_it_is_told_the_key_of_the_log()
    {
        using var signer = NoteSigner.Generate("127.0.0.1:8090" + IssuerDirectoryLog.Path, NoteKeyKind.Note);
        var auditor = OptionsReader.Read<AuditorSettings>(Section(Text("deploy/debian/auditor.json").Replace("LOG_KEY", signer.Key.ToString(), StringComparison.Ordinal), AuditorSettings.Section));
        var issuer = OptionsReader.Read<IssuerSettings>(Section(Text("deploy/debian/issuer.json"), IssuerSettings.Section));
        Assert.Equal(issuer.Urls[0], Assert.Single(auditor.Issuers).Directory);
        Assert.Equal(StateOf("privacy-auditor"), auditor.Data);
        var untold = Assert.Throws<InvalidConfigurationException>(() => OptionsReader.Read<AuditorSettings>(Section(Text("deploy/debian/auditor.json"), AuditorSettings.Section)));
        Assert.StartsWith("PrivacyAuditor:Issuers:0:LogKey is \"LOG_KEY\": expected the key of the issuer's log", untold.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_line_for_the_relay_is_parsed()
    {
        var line = Block("docs/quickstart.md", "ssh -N").Split('\n').Single(static one => one.StartsWith("privacy-proxy relay", StringComparison.Ordinal));
        Assert.Empty(RootCommandFactory.Create().Parse(line["privacy-proxy ".Length..]).Errors);
    }

    /// <summary>The issuer is that of the package, which the page leaves as it is.</summary>
    private void AssertFits(ProxyOptions proxy)
    {
        var issuer = OptionsReader.Read<IssuerSettings>(Section(Text("deploy/debian/issuer.json"), IssuerSettings.Section));
        var known = Assert.Single(proxy.Issuers);
        Assert.Equal(issuer.Name, known.Name);
        Assert.Equal(issuer.Name, new Uri(known.Directory!).Authority);
        Assert.True(ListenUrl.TryParse(Assert.Single(issuer.Urls), out var url) && url.Port == new Uri(known.Directory!).Port);
        // Each in the folder that its unit gives it.
        Assert.StartsWith(StateOf("privacy-issuer") + "/", issuer.Data, StringComparison.Ordinal);
        Assert.StartsWith(StateOf("privacy-proxy") + "/", proxy.SpentTokens.Sqlite.File, StringComparison.Ordinal);
        // The unit waits for longer than the drain takes.
        var stop = int.Parse(Regex.Match(Text("deploy/debian/privacy-proxy.service"), @"TimeoutStopSec=(\d+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(TimeSpan.FromSeconds(stop) >= proxy.Drain.Delay + proxy.Drain.Timeout + TimeSpan.FromSeconds(5));
    }

    private static string StateOf(string unit) => "/var/lib/" + Regex.Match(Text($"deploy/debian/{unit}.service"), @"\nStateDirectory=(\S+)").Groups[1].Value;

    /// <summary>Certificates stand in a folder of the test.</summary>
    private ProxyOptions ReadProxy(string text)
    {
        foreach (var file in new[] { "fullchain.pem", "privkey.pem" }) File.WriteAllText(_folder.File(file), "stands for a certificate");
        return OptionsReader.Read<ProxyOptions>(Section(text.Replace("/etc/privacy-proxy/tls/", _folder.Path + "/", StringComparison.Ordinal), ProxyOptions.Section));
    }

    private static IConfigurationSection Section(string text, string name) =>
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(text))).Build().GetSection(name);

    private static string Block(string page, string start) =>
        Text(page).Split("\n```").Where(static (_, i) => i % 2 == 1).Select(static block => block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..])
            .Single(block => block.StartsWith(start, StringComparison.Ordinal));

    private static string Text(string file)
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        return File.ReadAllText(Path.Combine(Product.RepositoryRoot, file));
    }
}
