using System.Globalization;
using System.Net;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.EndToEnd;

/// <summary>The command line that an issuer prints makes a proxy that gets ready.</summary>
public sealed class IssuerHintTests
{
    private const string Hint = "Take its tokens with: privacy-proxy ";

    /// <summary>Flags, and where the keys are.</summary>
    [Theory]
    [InlineData("--urls http://127.0.0.1:0 --token-types 1", "keys")]
    [InlineData("--urls http://127.0.0.1:0 --token-types 2", "keys")]
    [InlineData("--urls http://127.0.0.1:0 --token-types 1 --name issuer.test", "the issuer's \"keys\" & $HOME")]
    [InlineData("--urls https://127.0.0.1:0", "keys")]
    [InlineData("--urls https://localhost:0 --token-types 1", "some keys")]
    [InlineData("--urls http://*:0 --token-types 1,2", "keys")]
    [InlineData("--urls http://[::1]:0", "keys")]
    public async Task The_printed_command_takes_the_issuers_tokens(string flags, string folder)
    {
        using var directory = new TemporaryDirectory();
        await using var issuer = ChildProcess.StartProduct(["issuer", .. flags.Split(' '), "--data", directory.File(folder)]);
        await issuer.WaitForErrorsAsync(Hint, 1);
        var line = issuer.Errors.Text.Split('\n').First(static line => line.StartsWith(Hint, StringComparison.Ordinal))[Hint.Length..];
        var management = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}"));
        await using var proxy = ChildProcess.Start("sh", ["-c", $"exec dotnet '{Product.Assembly}' {line} --urls http://127.0.0.1:0 --management {management} --data '{directory.File("proxy")}'"]);
        await proxy.WaitUntilReadyAsync();
        using var client = new HttpClient();
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        while (true)
        {
            using var answer = await client.GetAsync(new Uri(management, "/readyz"), patience.Token);
            if (answer.StatusCode == HttpStatusCode.OK) break;
            Assert.False(proxy.HasExited, proxy.Log);
            await Task.Delay(50, patience.Token);
        }

        Assert.Equal(0, await proxy.TerminateAsync());
        Assert.Equal(0, await issuer.TerminateAsync());
    }

    [Fact]
    public async Task A_key_of_the_environment_completes_the_issuer_of_the_flag()
    {
        using var directory = new TemporaryDirectory();
        await using var issuer = await IssuerProcess.StartAsync(directory.File("keys"));
        var scalar = new byte[48];
        scalar[^1] = 7;
        await using var proxy = await ProxyProcess.StartAsync(
            ["--issuer", $"{IssuerProcess.Name}={issuer.Directory}", "--issuer-keys", $"{IssuerProcess.Name}={directory.File("keys")}"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PrivacyProxy__Issuers__0__PrivateKeys__0"] = System.Buffers.Text.Base64Url.EncodeToString(scalar) });
        await proxy.WaitForReadinessAsync(HttpStatusCode.OK);
    }
}
