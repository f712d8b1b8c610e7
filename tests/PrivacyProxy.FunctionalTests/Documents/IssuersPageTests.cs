using System.Globalization;
using System.Text.Json;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyPass.Issuance;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>docs/issuers.md: an issuer as the page starts one, tokens as the page asks for them, and the file of a key.</summary>
public sealed class IssuersPageTests
{
    internal const string Start = "privacy-proxy issuer --urls";
    internal const string Try = "privacy-proxy token request --issuer";
    internal const string KeyFile = "{\n  \"format\": 1,";

    internal const string Keys = "privacy-proxy issuer keys list";

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

    [SkippableFact]
    public async Task The_keys_are_changed_as_written_while_the_issuer_runs()
    {
        using var machine = new InstalledProduct();
        var data = machine.PathOf("privacy-issuer");
        await using var issuer = ChildProcess.StartProduct(["issuer", "--urls", "http://127.0.0.1:0", "--name", "issuer.example", "--data", data, "--token-types", "1"]);
        var url = IssuerDirectory.UrlOf((await issuer.WaitUntilReadyAsync())[0]);
        var commands = DocumentPages.Block(Page, Keys).Text.Replace("/var/lib/privacy-issuer", data, StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // list and add, then the added key is published, ahead of its use.
        await using var first = machine.Start(string.Join('\n', commands[..2]));
        Assert.True(await first.WaitForExitAsync() == 0, first.Log);
        var lines = first.Output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split("  ")).ToList();
        Assert.Equal(["1", "2"], lines.Select(static line => line[0]));
        Assert.Equal(["in use", "added"], lines.Select(static line => line[^1]));
        var added = lines[1][1];
        using var http = new HttpClient();
        await UntilAsync(directory => directory.TokenKeys.Any(key => key.KeyId.ToString() == added && key.NotBefore > DateTimeOffset.UtcNow));

        // export and retire, and it is gone from the directory.
        await using var second = machine.Start(string.Join('\n', commands[2..]).Replace("KEY_ID", added[..8], StringComparison.Ordinal));
        Assert.True(await second.WaitForExitAsync() == 0, second.Log);
        Assert.Equal(4, commands.Length);
        Assert.Equal(added, TokenKeyId.Of(PaddedBase64Url.Decode(second.Output.Text.Split('\n')[0], out _)!).ToString());
        await UntilAsync(directory => directory.TokenKeys.All(key => key.KeyId.ToString() != added) && directory.TokenKeys.Count == 1);

        async Task UntilAsync(Func<IssuerDirectory, bool> condition)
        {
            using var patience = new CancellationTokenSource(ChildProcess.Patience);
            while (IssuerDirectory.TryParse(await http.GetByteArrayAsync(url, patience.Token), out var directory) != IssuerDirectoryError.None || !condition(directory!))
                await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
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
