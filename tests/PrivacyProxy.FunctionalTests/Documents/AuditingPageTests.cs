using System.Net;
using PrivacyPass;
using PrivacyPass.Http;
using PrivacyPass.Issuance;
using PrivacyProxy.KeyLogs;
using PrivacyRelay.Issuance;
using PrivacyRelay.Upstream;
using TransparencyLog.Notes;
using TransparencyLog.Proofs;

namespace PrivacyProxy.FunctionalTests.Documents;

/// <summary>docs/auditing.md, with its commands and settings: two views of one issuer, of which one is a lie.</summary>
public sealed class AuditingPageTests : IDisposable
{
    internal const string Start = "privacy-proxy auditor --urls";
    internal const string Issuer = "{ \"PrivacyIssuer\": { \"Auditors\"";
    internal const string Proxy = "{ \"PrivacyProxy\": { \"Issuers\": [{ \"Name\": \"issuer.example\", \"Directory\": \"http://127.0.0.1:8080\", \"LogKey\"";
    internal const string Inspect = "privacy-proxy token inspect TOKEN";

    private const string Page = "docs/auditing.md";

    private readonly InstalledProduct _machine = new();
    private readonly int _honestPort = FreePort.Next();
    private readonly int _lyingPort = FreePort.Next();
    private readonly int _auditorPort = FreePort.Next();
    private readonly NoteKey _logKey;
    private readonly NoteKey _auditorKey;
    private readonly NoteKey _proxysKey;

    public AuditingPageTests()
    {
        // Keys are made here, as each start would make them, so that all can be told of all.
        _logKey = Make("honest/key-log/log.key", "issuer.example/key-log", NoteKeyKind.Note);
        _auditorKey = Make("privacy-auditor/auditor.key", "auditor.example", NoteKeyKind.Cosignature);
        _proxysKey = Make("proxys-log/log.key", "proxy.example/key-log", NoteKeyKind.Note);
        // The issuer that lies has the same key, and shows one proxy other keys and a log of its own.
        Directory.CreateDirectory(_machine.PathOf("lying/key-log"));
        File.Copy(_machine.PathOf("honest/key-log/log.key"), _machine.PathOf("lying/key-log/log.key"));
    }

    public void Dispose() => _machine.Dispose();

    [SkippableFact]
    public async Task An_issuer_that_lies_to_one_proxy_is_refused_there_and_found_by_the_auditor()
    {
        Write("issuer.json", DocumentPages.Block(Page, Issuer).Text);
        Write("proxy.json", DocumentPages.Block(Page, Proxy).Text, _lyingPort);
        await using var honest = await StartIssuerAsync("honest", _honestPort);
        await using var lying = await StartIssuerAsync("lying", _lyingPort);
        await using var proxy = await ProxyProcess.StartAsync(
            ["--config", _machine.PathOf("proxy.json")], new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyProxy__KeyLog__Folder"] = _machine.PathOf("proxys-log") });
        var mirror = $"--config {_machine.PathOf("mirrors.json")}";
        File.WriteAllText(_machine.PathOf("mirrors.json"), $$"""{ "PrivacyAuditor": { "Interval": "00:00:01", "Issuers": [{ "Mirrors": [{ "LogUrl": "{{new Uri(proxy.Plain, "/key-log/")}}", "LogKey": "{{_proxysKey}}" }] }] } }""");
        await using var auditor = _machine.Start($"exec {Here(DocumentPages.Block(Page, Start).Text.TrimEnd(), _honestPort)} {mirror}");
        await auditor.WaitUntilReadyAsync();

        // The honest issuer is cosigned, and a relay takes its keys; those of the other it does not.
        await honest.WaitForErrorsAsync("Auditor auditor.example cosigns the key log");
        Assert.Null(await RefusalAsync(_honestPort));
        Assert.Contains("too few auditors", await RefusalAsync(_lyingPort), StringComparison.Ordinal);

        // What the proxy was shown is in its log, where the auditor finds it.
        await auditor.WaitForErrorsAsync("a directory is shown that is not in its log: different keys in different places");
        using var http = new HttpClient();
        Assert.Contains("\"kind\":\"not_logged\"", await http.GetStringAsync(new Uri($"http://127.0.0.1:{_auditorPort}/findings")), StringComparison.Ordinal);
        Assert.Matches("""privacy_auditor_findings\{issuer="issuer.example",kind="not_logged"\} 1""", await http.GetStringAsync(new Uri($"http://127.0.0.1:{_auditorPort}/metrics")));
        var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{_auditorPort}/metrics"));
        Assert.All(DeployedMetrics.Of("privacy_auditor"), name => Assert.Contains($"\n{name}{{issuer=\"issuer.example\"", metrics, StringComparison.Ordinal));

        // The proxy uses none of the keys, and says so.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await proxy.ProbeAsync("/readyz"));
        Assert.Contains("privacy_proxy_issuer_audited{issuer=\"issuer.example\"} 0", await http.GetStringAsync(new Uri(proxy.Management, "/metrics")), StringComparison.Ordinal);
        await proxy.WaitForErrorsAsync("the directory is not audited: too few auditors have cosigned the log's checkpoint");

        await using var inspect = _machine.Start(Here(DocumentPages.Block(Page, Inspect).Text, _lyingPort).Replace("TOKEN", $"'{await TokenAsync(_lyingPort)}'", StringComparison.Ordinal));
        Assert.Equal(1, await inspect.WaitForExitAsync());
        Assert.Contains("audited           no: ", inspect.Output.Text, StringComparison.Ordinal);
        await using var good = _machine.Start(Here(DocumentPages.Block(Page, Inspect).Text, _honestPort).Replace("TOKEN", $"'{await TokenAsync(_honestPort)}'", StringComparison.Ordinal));
        Assert.Equal(0, await good.WaitForExitAsync());
        Assert.Contains("audited           yes, by auditor.example", good.Output.Text, StringComparison.Ordinal);
    }

    /// <summary>Why a relay that demands the auditor uses no key of an issuer; null when it does.</summary>
    private async Task<string?> RefusalAsync(int port)
    {
        var url = IssuerDirectory.UrlOf(new Uri($"http://127.0.0.1:{port}"));
        using var http = IssuerHttp.CreateClient(new TrustPolicy([]));
        using var client = new IssuerClient(http, url, audit: new DirectoryAudit(http, url, new LogTrust(_logKey, [_auditorKey], 1, TimeSpan.FromDays(1)), logUrl: null, TimeProvider.System));
        try
        {
            await client.GetDirectoryAsync(default);
            return null;
        }
        catch (IssuerException e)
        {
            return e.Message;
        }
    }

    private static async Task<string> TokenAsync(int port)
    {
        using var http = IssuerHttp.CreateClient(new TrustPolicy([]));
        using var client = new IssuerClient(http, IssuerDirectory.UrlOf(new Uri($"http://127.0.0.1:{port}")));
        return PaddedBase64Url.Encode((await client.RequestTokensAsync(new TokenChallenge(TokenType.VoprfP384, "issuer.example", [], ""), tokenKey: null, 1, default))[0]);
    }

    private async Task<ChildProcess> StartIssuerAsync(string data, int port)
    {
        var issuer = ChildProcess.StartProduct(["issuer", "--urls", $"http://127.0.0.1:{port}", "--name", "issuer.example", "--data", _machine.PathOf(data), "--config", _machine.PathOf("issuer.json")]);
        await issuer.WaitUntilReadyAsync();
        await issuer.WaitForErrorsAsync($"Its key log is checked with: {_logKey}");
        return issuer;
    }

    private void Write(string name, string block, int port = 0) => File.WriteAllText(_machine.PathOf(name), Here(block, port));

    private string Here(string block, int port) => block
        .Replace("127.0.0.1:8080", $"127.0.0.1:{port}", StringComparison.Ordinal).Replace("127.0.0.1:8091", $"127.0.0.1:{_auditorPort}", StringComparison.Ordinal)
        .Replace("/var/lib/privacy-auditor", _machine.PathOf("privacy-auditor"), StringComparison.Ordinal)
        .Replace("AUDITOR_KEY", _auditorKey.ToString(), StringComparison.Ordinal).Replace("LOG_KEY", _logKey.ToString(), StringComparison.Ordinal);

    private NoteKey Make(string file, string name, NoteKeyKind kind)
    {
        using var signer = SignerFile.LoadOrCreate(_machine.PathOf(file), name, name, kind);
        return signer.Key;
    }
}
