using System.Globalization;
using System.Text.Json;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>docs/issuers.md: an issuer as the page starts one, tokens as the page asks for them, and the file of a key.</summary>
public sealed class IssuersPageTests
{
    internal const string Start = "privacy-proxy issuer --urls";
    internal const string Try = "privacy-proxy token request --issuer";
    internal const string KeyFile = "{\n  \"format\": 1,";

    private const string Page = "docs/issuers.md";

    [SkippableFact]
    public async Task The_commands_run_as_written()
    {
        using var machine = new InstalledProduct();
        var port = FreePort.Next().ToString(CultureInfo.InvariantCulture);
        var data = machine.PathOf("privacy-issuer");
        string Here(string block) => block.Replace("127.0.0.1:8080", $"127.0.0.1:{port}", StringComparison.Ordinal).Replace("/var/lib/privacy-issuer", data, StringComparison.Ordinal);

        await using var issuer = machine.Start(Here(DocumentPages.Block(Page, Start).Text));
        await issuer.WaitForOutputAsync(line => line == $"ready http://127.0.0.1:{port}");
        IsKeyFileOfThePage(data);

        await using var proxy = await ProxyProcess.StartAsync(["--issuer", $"issuer.example=http://127.0.0.1:{port}"]);
        await proxy.WaitForReadinessAsync(System.Net.HttpStatusCode.OK);
        File.Copy(proxy.CaFile, Path.Combine(machine.Here, "ca.pem"));
        var lines = Here(DocumentPages.Block(Page, Try).Text).Replace("https://127.0.0.1:8443", proxy.Tls.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await using var request = machine.Start(lines[0]);
        Assert.True(await request.WaitForExitAsync() == 0, request.Log);
        var tokens = request.Output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, tokens.Length);

        await using var rest = machine.Start(string.Join('\n', lines[1..]).Replace("TOKEN", $"'{tokens[0]}'", StringComparison.Ordinal));
        Assert.True(await rest.WaitForExitAsync() == 0, rest.Log);
        Assert.Equal(3, lines.Length);
        Assert.Contains("valid", rest.Output.Text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The members of the page in its order, each of the kind shown, and the name that the page gives the file.</summary>
    private static void IsKeyFileOfThePage(string data)
    {
        using var shown = JsonDocument.Parse(DocumentPages.Block(Page, KeyFile).Text);
        var path = Directory.GetFiles(data, "type2-*.key.json")[0];
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        Assert.Equal(
            shown.RootElement.EnumerateObject().Select(static member => (member.Name, member.Value.ValueKind)),
            file.RootElement.EnumerateObject().Select(static member => (member.Name, member.Value.ValueKind)));
        Assert.Equal($"type2-{file.RootElement.GetProperty("token-key-id").GetString()![..16]}.key.json", Path.GetFileName(path));
        Assert.Equal(64, file.RootElement.GetProperty("token-key-id").GetString()!.Length);
    }
}
