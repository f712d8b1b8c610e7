using System.Net;
using PrivacyPass;
using PrivacyPass.Issuance;
using PrivacyRelay.Issuance;

namespace PrivacyProxy.DeploymentTests.Reloading;

/// <summary>Who gets tokens changes while a real issuer runs.</summary>
public sealed class IssuerReloadTests
{
    private const string First = "the-key-of-the-first-customer";
    private const string Second = "the-key-of-the-second-customer";

    [Fact]
    public async Task On_SIGHUP_keys_come_and_go_quotas_go_on_and_a_bad_change_is_refused_as_a_whole()
    {
        using var folder = new TemporaryDirectory();
        var file = folder.File("issuer.json");
        Write(file, (First, 2));
        await using var issuer = ChildProcess.StartProduct(["issuer", "--config", file, "--urls", "http://127.0.0.1:0", "--name", "issuer.test", "--data", folder.File("keys"), "--token-types", "1"]);
        using var http = new HttpClient();
        using var client = new IssuerClient(http, IssuerDirectory.UrlOf((await issuer.WaitUntilReadyAsync())[0]));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, First));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(client, Second));

        Write(file, (First, 2), (Second, 5));
        PosixSignals.HangUp(issuer.Id);
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (await AskAsync(client, Second) != HttpStatusCode.OK) await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, First));
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(client, First));

        Write(file, (Second, 5), ("short", 5));
        PosixSignals.HangUp(issuer.Id);
        await issuer.WaitForErrorsAsync("PrivacyIssuer:BearerKeys:1:Key");
        Assert.Equal(HttpStatusCode.TooManyRequests, await AskAsync(client, First));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(client, Second));
        Assert.DoesNotContain("short", issuer.Log, StringComparison.Ordinal);
    }

    private static void Write(string file, params (string Key, int Quota)[] keys)
    {
        var entries = string.Join(',', keys.Select(static key => $$"""{ "Key": "{{key.Key}}", "Quota": {{key.Quota}} }"""));
        File.WriteAllText(file + ".new", $$"""{ "PrivacyIssuer": { "Attester": "Bearer", "BearerKeys": [{{entries}}] } }""");
        File.Move(file + ".new", file, overwrite: true);
    }

    private static async Task<HttpStatusCode> AskAsync(IssuerClient client, string key)
    {
        try
        {
            await client.RequestTokensAsync(new TokenChallenge(TokenType.VoprfP384, "issuer.test", [], ""), tokenKey: null, 1, CancellationToken.None, key);
            return HttpStatusCode.OK;
        }
        catch (IssuerException e)
        {
            return e.StatusCode!.Value;
        }
    }
}
