using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>
/// The README's commands as written, from the root of a checkout; but for the ports, which others may have, for the site, as there may be
/// no Internet, and for the build, which the tests came with.
/// </summary>
[Collection(ToldCollection.Name)]
public sealed class ReadmeTests(ProductFixture product)
{
    [SkippableFact]
    public async Task Run_it_for_real_works_and_leaves_nothing_in_the_tree()
    {
        var script = Blocks("## Run it for real").Replace("dotnet build src/PrivacyProxy -c Release", "", StringComparison.Ordinal);
        foreach (var port in new[] { "8090", "8443", "9090", "1080" }) script = script.Replace($":{port}", $":{FreePort.Next()}", StringComparison.Ordinal);
        script = script.Replace("https://www.example.org/", product.Web.Tls.ToString(), StringComparison.Ordinal);
        var steps = 0;
        script = string.Join('\n', script.Split('\n').Select(line => line.Length == 0 || line.EndsWith('\\') ? line : $"{line}\necho; echo '@@ {++steps}'"));
        using var clone = Clone();
        await using var bash = ChildProcess.Start("bash", ["-c", $"set -euo pipefail; cd '{clone.Path}'; trap 'kill $(jobs -p); wait' EXIT; {script}"], new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PrivacyProxy__Management"] = Port(script, @"(http://127\.0\.0\.1:\d+)/readyz"),
            ["PrivacyRelay__Listen"] = Port(script, @"--socks5-hostname (\S+)"),
            ["PrivacyProxy__Egress__AllowPrivate"] = "true",
            ["PrivacyProxy__Egress__AllowedPorts"] = "any",
            ["CURL_CA_BUNDLE"] = product.WebCaFile,
        });
        // One after the other, so that each has the whole patience.
        for (var step = 1; step <= steps; step++) await bash.WaitForOutputAsync(line => line == $"@@ {step}");
        Assert.True(await bash.WaitForExitAsync() == 0, bash.Log);

        // The page through the relay, and through the proxy.
        Assert.Equal(2, Regex.Count(bash.Log, Regex.Escape(WebOrigin.Page.Trim())));
        Assert.True(File.Exists(clone.File("proxy-data/ca.pem")));
        Assert.NotEmpty(Directory.GetFiles(clone.File("issuer-data"), "*.key.json"));
        // The folders of the tree are linked: whatever else had been written would be in them.
        Assert.Empty(Directory.GetFiles(Path.Combine(Product.RepositoryRoot!, "src/PrivacyProxy"), "*.pem", SearchOption.AllDirectories));
        Assert.False(Directory.Exists(Path.Combine(Product.RepositoryRoot!, "src/PrivacyProxy/issuer-data")));
    }

    [SkippableFact]
    public async Task The_first_command_shows_the_demo()
    {
        var script = Blocks("## Two commands");
        var command = script.Split('\n').First(static line => line.Length > 0).Replace("dotnet run", "dotnet run --no-build", StringComparison.Ordinal);
        using var clone = Clone();
        var result = await ChildProcess.RunAsync("bash", ["-c", $"cd '{clone.Path}'; {command} --once"]);
        Assert.True(result.ExitCode == 0, result.Output + result.Errors);
        Assert.Contains("replay refused", result.Output, StringComparison.Ordinal);
    }

    /// <summary>Everything private that commands of the documentation write by relative paths has a name that git ignores.</summary>
    [SkippableTheory]
    [InlineData("issuer-data/type2-0011223344556677.key.json")]
    [InlineData("proxy-data/ca-key.pem")]
    [InlineData("src/PrivacyProxy/proxy-data/ca.pem")]
    [InlineData("issuer.lock")]
    [InlineData("spent.db")]
    public async Task What_is_private_is_ignored_by_git(string path)
    {
        Skip.If(Product.RepositoryRoot is null || !Path.Exists(Path.Combine(Product.RepositoryRoot, ".git")), "the tests run outside a checkout");
        Assert.Equal(0, (await ChildProcess.RunAsync("git", ["-C", Product.RepositoryRoot, "check-ignore", "--quiet", path])).ExitCode);
    }

    /// <summary>A fence that does not begin its line is none, and turns the page inside out from there on.</summary>
    [SkippableFact]
    public void Every_fence_of_every_page_begins_its_line_and_has_its_end()
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        foreach (var page in Directory.GetFiles(Product.RepositoryRoot, "*.md").Concat(Directory.GetFiles(Path.Combine(Product.RepositoryRoot, "docs"), "*.md", SearchOption.AllDirectories)))
        {
            var fences = File.ReadAllLines(page).Where(static line => line.Contains("```", StringComparison.Ordinal)).Select(static line => line.Trim()).ToArray();
            Assert.True(fences.Length % 2 == 0, page);
            for (var i = 0; i < fences.Length; i++) Assert.Matches(i % 2 == 0 ? "^```[a-z]*$" : "^```$", fences[i]);
        }
    }

    private static string Port(string script, string pattern) => Regex.Match(script, pattern).Groups[1].Value;

    /// <summary>The sh blocks under a heading.</summary>
    private static string Blocks(string heading)
    {
        Skip.If(Product.RepositoryRoot is null, "the tests run outside a checkout");
        Skip.IfNot(File.Exists(Path.Combine(Product.RepositoryRoot, "src/PrivacyProxy/bin/Release/net10.0/privacy-proxy.dll")), "the commands run the Release build");
        var page = File.ReadAllText(Path.Combine(Product.RepositoryRoot, "README.md"));
        var start = page.IndexOf(heading + "\n", StringComparison.Ordinal);
        var part = page[start..page.IndexOf("\n## ", start + 1, StringComparison.Ordinal)];
        return string.Concat(Regex.Matches(part, "^```sh\n(?<block>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture).Select(static block => block.Groups["block"].Value));
    }

    /// <summary>A folder that looks like the root of the checkout, so that what commands write beside it does not land in the real one.</summary>
    private static TemporaryDirectory Clone()
    {
        var clone = new TemporaryDirectory();
        foreach (var name in new[] { "src", "loadtests", "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig" })
            File.CreateSymbolicLink(clone.File(name), Path.Combine(Product.RepositoryRoot!, name));
        return clone;
    }
}
