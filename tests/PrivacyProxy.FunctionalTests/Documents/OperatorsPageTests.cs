using System.Globalization;
using System.Text.RegularExpressions;
using MsQuic;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>docs/operators.md: one proxy, started by the page's first command, and everything the page shows of a proxy taken from it.</summary>
[Collection(ToldCollection.Name)]
public sealed partial class OperatorsPageTests(ProductFixture product)
{
    internal const string Start = "privacy-proxy --urls";
    internal const string Problem = "PrivacyProxy:Tunnels:IdleTimeout is \"abc\"";
    internal const string Domain = "{\n  \"identifier\": \"proxy.example\"";
    internal const string Traces = "$ curl http://127.0.0.1:9090/traces\n";
    internal const string Top = "privacy-proxy top  http";
    internal const string Levels = "{ \"Logging\"";
    internal const string Refusal = "dbug: ";

    private const string Page = "docs/operators.md";

    private readonly string _management = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Next()}");

    [SkippableFact]
    public async Task The_commands_run_as_written_and_show_what_the_page_says()
    {
        using var machine = new InstalledProduct();
        // The levels of the page are in force: the working directory's appsettings.json is a source.
        await File.WriteAllTextAsync(Path.Combine(machine.Here, "appsettings.json"), DocumentPages.Block(Page, Levels).Text);
        var authority = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Next()}");
        await using var proxy = machine.Start(DocumentPages.Block(Page, Start).Text.Replace("127.0.0.1:8443", authority, StringComparison.Ordinal), Settings());
        await proxy.WaitForOutputAsync(line => line == $"ready https://{authority}");
        var url = new Uri($"https://{authority}");
        var ca = machine.PathOf(".local/share/privacy-proxy/ca.pem");

        var domain = await Curl.System.RunAsync("--cacert", ca, new Uri(url, "/.well-known/pvd").ToString());
        // The page's issuer is not there, so of which types its keys are is not known; and where libmsquic is, h3 is among the protocols.
        ShownJson.Equal(DocumentPages.Block(Page, Domain).Text, domain.Text, QuicLibrary.IsSupported ? ["expires", "token-types", "alpn"] : ["expires", "token-types"]);

        await TunnelAsync(url, ca, $"Proxy-Authorization: Preshared {Key}", 200);
        await ShowsTracesAsync(machine);
        await TunnelAsync(url, ca, "Proxy-Authorization: Preshared another", 407);
        var refusal = Like(DocumentPages.Block(Page, Refusal).FirstLine);
        await proxy.WaitForErrorsAsync("Refused with 407", 1);
        Assert.True(proxy.Errors.Text.Split('\n').Any(refusal.IsMatch), proxy.Errors.Text);
        // At Debug the page names these two kinds of line and no other.
        Assert.DoesNotContain(proxy.Errors.Text.Split('\n'), static line => line.StartsWith("dbug: ", StringComparison.Ordinal)
            && !line.Contains("RefusalLog[", StringComparison.Ordinal) && !line.Contains("IssuerKeyRefresher[", StringComparison.Ordinal));
        // Standard output holds that line alone.
        Assert.Equal($"ready https://{authority}", proxy.Output.Text.Trim());
    }

    [SkippableFact]
    public async Task The_line_that_names_a_wrong_setting_is_the_pages()
    {
        var result = await ChildProcess.RunProductAsync(["serve", "--issuer", "issuer.example=https://issuer.example/"], new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyProxy__Tunnels__IdleTimeout"] = "abc" });
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(DocumentPages.Block(Page, Problem).FirstLine, Assert.Single(result.ErrorLines));
    }

    [SkippableFact]
    public void The_frame_of_top_is_a_recorded_one() => Assert.Equal(RecordedProxy.ExpectedFrame.TrimEnd(), DocumentPages.Block(Page, Top).Text.TrimEnd());

    private const string Key = "a-key-of-the-page";

    /// <summary>What the page's first command leaves to other sources: other ports than others may have, and what its other examples take for granted.</summary>
    private Dictionary<string, string> Settings() => new(StringComparer.Ordinal)
    {
        ["PrivacyProxy__Management"] = $"http://{_management}",
        ["PrivacyProxy__Name"] = "proxy.example",
        ["PrivacyProxy__Issuers__0__TokenTypes"] = "2",
        ["PrivacyProxy__Authentication__PresharedKeys__0"] = Key,
        ["PrivacyProxy__Egress__AllowPrivate"] = "true",
        ["PrivacyProxy__Egress__AllowedPorts"] = "any",
        ["PrivacyProxy__Telemetry__Traces__Ratio"] = "1",
    };

    private async Task TunnelAsync(Uri proxy, string ca, string field, int status)
    {
        var result = await Curl.System.RunAsync("--proxy", proxy.ToString(), "--proxy-cacert", ca, "--cacert", product.WebCaFile, "--proxy-header", field, product.Web.Tls.ToString());
        Assert.True(result.Heads is [{ } connect, ..] && connect.Status == status, result.Errors);
    }

    /// <summary>The lines of the block that begin with <c>$</c> are run; the heads of what they print are the page's.</summary>
    private async Task ShowsTracesAsync(InstalledProduct machine)
    {
        var shown = DocumentPages.Block(Page, Traces).Text.Split('\n');
        var commands = shown.Where(static line => line.StartsWith("$ ", StringComparison.Ordinal)).Select(line => line[2..].Replace("127.0.0.1:9090", _management, StringComparison.Ordinal)).ToList();
        Assert.Equal(2, commands.Count);
        await using var list = machine.Start(commands[0]);
        Assert.True(await list.WaitForExitAsync() == 0, list.Log);
        var trace = TraceId().Match(list.Output.Text).Value;
        await using var tree = machine.Start(TraceId().Replace(commands[1], trace));
        Assert.True(await tree.WaitForExitAsync() == 0, tree.Log);

        Assert.Contains(shown.First(static line => line.StartsWith("TIME", StringComparison.Ordinal)), list.Output.Text.Split('\n'));
        Assert.Contains(shown.First(static line => line.StartsWith("SPAN", StringComparison.Ordinal)), tree.Output.Text.Split('\n'));
        Assert.StartsWith($"trace {trace}  ", tree.Output.Text, StringComparison.Ordinal);
        Assert.Contains("  kept: sampled", tree.Output.Text, StringComparison.Ordinal);
        // Each span of this tunnel is one of the page's.
        var spans = Spans(shown);
        Assert.Subset(spans, Spans(tree.Output.Text.Split('\n')));
        Assert.Contains("tcp.connect", Spans(tree.Output.Text.Split('\n')));
    }

    private static HashSet<string> Spans(IEnumerable<string> lines) =>
        [.. lines.SkipWhile(static line => !line.StartsWith("SPAN", StringComparison.Ordinal)).Skip(1).Select(static line => line.Trim().Split(' ')[0]).Where(static name => name.Length > 0)];

    /// <summary>The line with any words in the place of those that are one request's.</summary>
    private static Regex Like(string line)
    {
        var pattern = Regex.Escape(line).Replace("already_spent", @"\w+", StringComparison.Ordinal).Replace("http2", @"\w+", StringComparison.Ordinal);
        return new Regex($"^{TraceId().Replace(pattern, @"\w+")}$");
    }

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex TraceId();
}
