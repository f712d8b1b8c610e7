using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Clients;

/// <summary>Programs of the world with a user name and a password for the proxy, and nothing else.</summary>
public sealed class BasicTests(BasicTests.Proxy started) : IClassFixture<BasicTests.Proxy>
{
    public static TheoryData<string> Programs => [.. ProxyProgram.All.Select(static program => program.Name)];

    [SkippableTheory, MemberData(nameof(Programs))]
    public async Task A_program_with_a_key_as_its_password_reaches_a_TLS_site(string name)
    {
        var program = ProxyProgram.Require(name);
        var result = await program.Fetch(started.With(Proxy.Key), started.CaFile, started.Web.Tls);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(WebOrigin.Page, result.Output.TrimEnd() + "\n");
    }

    [SkippableTheory, MemberData(nameof(Programs))]
    public async Task A_program_with_a_key_as_its_password_reaches_a_site_in_cleartext(string name)
    {
        var program = ProxyProgram.Require(name);
        var result = await program.Fetch(started.With(Proxy.Key), started.CaFile, started.Web.Plain);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(WebOrigin.Page, result.Output.TrimEnd() + "\n");
    }

    [SkippableFact]
    public async Task Apt_fetches_through_the_proxy_with_a_key_as_its_password()
    {
        const string Helper = "/usr/lib/apt/apt-helper";
        Skip.IfNot(File.Exists(Helper), "apt is not installed");
        using var directory = new TemporaryDirectory();
        var result = await ChildProcess.RunAsync(Helper, ["-o", $"Acquire::http::Proxy={started.With(Proxy.Key).OriginalString}", "-o", "APT::Sandbox::User=", "download-file", started.Web.Plain.ToString(), directory.File("page")]);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Equal(WebOrigin.Page, await File.ReadAllTextAsync(directory.File("page")));
    }

    [SkippableTheory]
    [InlineData("curl", "")] // others send no password without a name
    [InlineData("curl", "%C3%BCser")]
    [InlineData("wget", "%C3%BCser")]
    [InlineData("requests", "%C3%BCser")]
    public async Task A_key_of_characters_that_mean_something_in_URLs_is_a_password_too_whatever_the_user_is_called(string name, string user)
    {
        var program = ProxyProgram.Require(name);
        var result = await program.Fetch(started.With(Uri.EscapeDataString(Proxy.OddKey), user), started.CaFile, started.Web.Tls);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Equal(WebOrigin.Page, result.Output.TrimEnd() + "\n");
        Assert.DoesNotContain(Proxy.OddKey, started.Running.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_wrong_password_is_refused_and_named_nowhere()
    {
        var program = ProxyProgram.Require("curl");
        foreach (var wrong in new[] { "wrong-password-of-a-test", Proxy.Key[..^1], "a%3Acolon-in-it", "%C3%BCber-all" })
        {
            var result = await program.Fetch(started.With(wrong), started.CaFile, started.Web.Tls);
            Assert.NotEqual(0, result.ExitCode);
            Assert.DoesNotContain(wrong, started.Running.Log, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Proxy.Key, started.Running.Log, StringComparison.Ordinal);
        using var client = new HttpClient();
        Assert.Contains("privacy_proxy_token_redemptions_total{result=\"wrong_preshared_key\"} 4\n", await client.GetStringAsync(new Uri(started.Running.Management, "/metrics")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_comes_without_anything_reads_in_plain_words_what_the_proxy_wants()
    {
        await using var probe = await HttpProbe.ConnectAsync(started.Running.Plain);
        await probe.SendAsync(HttpProbe.ConnectHead("site.example:443"));
        var head = await probe.ReadHeadAsync();
        Assert.Equal(407, head.Status);
        Assert.Equal(["Preshared realm=\"privacy-proxy\"", "Basic realm=\"privacy-proxy\", charset=\"UTF-8\""], head["Proxy-Authenticate"]);
        Assert.Contains("a key that its operator gave you", await probe.ReadToEndAsync(), StringComparison.Ordinal);
    }

    /// <summary>A proxy that takes Basic, and a site.</summary>
    public sealed class Proxy : IAsyncLifetime, IDisposable
    {
        internal const string Key = "a-key-that-is-a-password";

        internal const string OddKey = "a:key%with@signs/and?more#%3A";

        private readonly TemporaryDirectory _directory = new();

        internal WebOrigin Web { get; private set; } = null!;

        internal ProxyProcess Running { get; private set; } = null!;

        internal string CaFile => _directory.File("web.pem");

        public async Task InitializeAsync()
        {
            Web = await WebOrigin.StartAsync();
            await File.WriteAllTextAsync(CaFile, Web.CertificatePem);
            Running = await ProxyProcess.StartAsync(
                ["--psk", Key, "--psk", OddKey, "--allow-private", "--allow-ports", "any"],
                new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyProxy__Authentication__Basic"] = "true" });
        }

        /// <summary>The proxy's URL as a user writes it.</summary>
        internal Uri With(string password, string user = "any") => new($"http://{user}:{password}@{Running.Plain.Authority}");

        public async Task DisposeAsync()
        {
            if (Running is not null) await Running.DisposeAsync();
            if (Web is not null) await Web.DisposeAsync();
        }

        public void Dispose() => _directory.Dispose();
    }
}
