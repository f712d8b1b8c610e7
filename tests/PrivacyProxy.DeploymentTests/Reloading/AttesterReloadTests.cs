using System.Net;
using System.Net.Http.Headers;
using PrivacyPass.Issuance;

namespace PrivacyProxy.DeploymentTests.Reloading;

/// <summary>Whom a real attester knows changes while it runs. Its issuer is never there, so whom it knows gets a 502.</summary>
public sealed class AttesterReloadTests
{
    private const string First = "the-key-of-the-first-customer";
    private const string Second = "the-key-of-the-second-customer";

    [Fact]
    public async Task On_SIGHUP_it_knows_others_and_of_a_bad_change_it_takes_nothing_and_says_what_is_wrong()
    {
        using var folder = new TemporaryDirectory();
        var (settings, geofeed) = (folder.File("attester.json"), folder.File("geofeed.csv"));
        await File.WriteAllTextAsync(geofeed, "192.0.2.0/24,US,US-AL,Alabaster,\n");
        Write(First);
        await using var attester = ChildProcess.StartProduct(
            ["attester", "--config", settings, "--urls", "http://127.0.0.1:0", "--issuer", $"http://127.0.0.1:{FreePort.Next()}", "--data", folder.File("data"), "--management", "none"]);
        using var http = new HttpClient { BaseAddress = (await attester.WaitUntilReadyAsync())[0] };
        Assert.Equal((HttpStatusCode.BadGateway, HttpStatusCode.Unauthorized), (await AskAsync(First), await AskAsync(Second)));

        Write(Second);
        PosixSignals.HangUp(attester.Id);
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (await AskAsync(Second) != HttpStatusCode.BadGateway) await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(First));

        Write("short");
        PosixSignals.HangUp(attester.Id);
        await attester.WaitForErrorsAsync("PrivacyAttester:BearerKeys:0:Key");
        Write(First);
        File.Delete(geofeed);
        PosixSignals.HangUp(attester.Id);
        await attester.WaitForErrorsAsync($"PrivacyAttester:Geofeed is \"{geofeed}\": expected a file");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.BadGateway), (await AskAsync(First), await AskAsync(Second)));
        Assert.DoesNotContain("short", attester.Log, StringComparison.Ordinal);

        void Write(string key) => ConfiguredProxy.Write(settings, $$"""{ "PrivacyAttester": { "BearerKeys": [{ "Key": "{{key}}" }], "Geofeed": "{{geofeed}}" } }""");

        async Task<HttpStatusCode> AskAsync(string key)
        {
            // A request of type 1 in form: whether it is a good one only the issuer could say.
            using var request = new HttpRequestMessage(HttpMethod.Post, "/token-request") { Content = new ByteArrayContent([0, 1, .. new byte[50]]) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(PrivateTokenMediaTypes.TokenRequest);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }
    }
}
