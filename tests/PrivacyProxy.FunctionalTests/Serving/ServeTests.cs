using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PrivacyProxy.FunctionalTests.Serving;

public sealed class ServeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("privacy-proxy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ChildProcess Start(string arguments, params (string Key, string Value)[] environment) =>
        ChildProcess.StartProduct($"{arguments} --data {_folder}".Split(' ', StringSplitOptions.RemoveEmptyEntries), environment.ToDictionary(StringComparer.Ordinal), _folder);

    [Theory]
    [InlineData("serve", "PrivacyProxy__Tunnels__IdleTimeout", "soon", "PrivacyProxy:Tunnels:IdleTimeout is \"soon\"")]
    [InlineData("", "PrivacyProxy__SpentTokens__Stor", "Memory", "PrivacyProxy:SpentTokens:Stor is not a known key")]
    [InlineData("--urls https://256.0.0.1:1x", "X", "", "--urls is \"https://256.0.0.1:1x\"")]
    [InlineData("--issuer issuer.example", "X", "", "--issuer is \"issuer.example\": expected NAME=DIRECTORY_URL")]
    [InlineData("--config /nowhere.json", "X", "", "--config is \"/nowhere.json\": expected a file that exists")]
    [InlineData("--store Sqlite", "X", "", "PrivacyProxy:SpentTokens:Sqlite:File is not set: expected the file")]
    [InlineData("--certificate /dev/null --urls https://127.0.0.1:0", "X", "", "--certificate is \"/dev/null\"")]
    public async Task Invalid_configuration_ends_with_code_1_and_one_line_that_names_the_key(string arguments, string variable, string value, string line)
    {
        await using var proxy = Start($"{arguments} --psk hush-hush", (variable, value));
        Assert.Equal(1, await proxy.WaitForExitAsync());
        var errors = proxy.Errors.Text;
        Assert.StartsWith(line, errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', errors);
        Assert.DoesNotContain("hush-hush", errors, StringComparison.Ordinal);
        Assert.Empty(proxy.Output.Text);
    }

    [Fact]
    public async Task A_broken_config_file_is_named_in_one_line()
    {
        var file = Path.Combine(_folder, "broken.json");
        await File.WriteAllTextAsync(file, "{ \"PrivacyProxy\": ");
        await using var proxy = Start($"--config {file}");
        Assert.Equal(1, await proxy.WaitForExitAsync());
        Assert.StartsWith($"Configuration file is \"{file}\": expected a readable JSON file", proxy.Errors.Text, StringComparison.Ordinal);
        Assert.Single(proxy.Errors.Text.Split('\n'));
    }

    [Fact]
    public async Task Flags_go_over_the_environment_that_over_the_file_that_over_appsettings()
    {
        // The value that wins shows in the error.
        await File.WriteAllTextAsync(Path.Combine(_folder, "appsettings.json"), Json("appsettings"));
        var file = Path.Combine(_folder, "file.json");
        await File.WriteAllTextAsync(file, Json("config"));
        await using var all = Start($"--config {file} --management flag", ("PrivacyProxy__Management", "environment"));
        await using var noFlag = Start($"--config {file}", ("PrivacyProxy__Management", "environment"));
        await using var noEnvironment = Start($"--config {file}");
        await using var noFile = Start("");
        foreach (var (proxy, winner) in new[] { (all, "flag"), (noFlag, "environment"), (noEnvironment, "config"), (noFile, "appsettings") })
        {
            Assert.Equal(1, await proxy.WaitForExitAsync());
            Assert.Contains($"{(winner == "flag" ? "--management" : "PrivacyProxy:Management")} is \"{winner}\"", proxy.Errors.Text, StringComparison.Ordinal);
        }

        static string Json(string management) =>
            $$"""{ "PrivacyProxy": { "Management": "{{management}}", "Authentication": { "Required": false } } }""";
    }

    [Fact]
    public async Task A_port_in_use_ends_with_code_1_and_one_line_and_leaves_a_running_proxys_ca_alone()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var urls = Start($"--psk k --management none --urls https://127.0.0.1:{port}");
        await using var management = Start($"--psk k --management http://127.0.0.1:{port} --urls https://127.0.0.1:0");
        Assert.Equal(1, await urls.WaitForExitAsync());
        Assert.Equal(1, await management.WaitForExitAsync());
        Assert.StartsWith($"--urls is \"https://127.0.0.1:{port}\"", urls.Errors.Text, StringComparison.Ordinal);
        Assert.StartsWith($"--management is \"http://127.0.0.1:{port}\"", management.Errors.Text, StringComparison.Ordinal);
        Assert.Single(urls.Errors.Text.Split('\n'));
        Assert.Single(management.Errors.Text.Split('\n'));
        Assert.False(File.Exists(Path.Combine(_folder, "ca.pem")));
    }

    [SkippableFact]
    public async Task It_says_ready_is_trusted_by_curl_through_its_ca_and_drains_on_SIGTERM()
    {
        Skip.IfNot(File.Exists("/usr/bin/curl"), "curl is not installed");
        using var origin = new TcpListener(IPAddress.Loopback, 0);
        origin.Start();
        var originPort = ((IPEndPoint)origin.LocalEndpoint).Port;
        var managementPort = FreePort.Next();
        await using var proxy = Start($"--psk good-key --management http://127.0.0.1:{managementPort} --urls https://127.0.0.1:0;http://127.0.0.1:0 --name localhost:9 --allow-private --allow-ports any", ("PrivacyProxy__Drain__Timeout", "00:01:00"));
        var urls = await proxy.WaitUntilReadyAsync();
        Assert.Matches("^ready https://127.0.0.1:[1-9][0-9]* http://127.0.0.1:[1-9][0-9]*$", proxy.Output.Text);

        using var management = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{managementPort}") };
        Assert.Equal("ready\n", await management.GetStringAsync("/readyz"));
        Assert.Equal("ok\n", await management.GetStringAsync("/healthz"));
        Assert.Equal("407", await CurlConnectStatusAsync(urls[0], "Preshared bad-key"));

        // A tunnel that is open when the signal comes goes on to its end.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, urls[1].Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"CONNECT 127.0.0.1:{originPort} HTTP/1.1\r\nHost: 127.0.0.1:{originPort}\r\nProxy-Authorization: Preshared good-key\r\n\r\n"));
        using var accepted = await origin.AcceptTcpClientAsync();
        await ReadHeadAsync(stream);

        PosixSignals.Terminate(proxy.Id);
        var notReady = await management.GetAsync("/readyz");
        using var limit = new CancellationTokenSource(TestTimes.Limit);
        while (notReady.IsSuccessStatusCode) notReady = await management.GetAsync("/readyz", limit.Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, notReady.StatusCode);
        Assert.Contains("draining", await notReady.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("503", await CurlConnectStatusAsync(urls[0], "Preshared good-key"));

        await accepted.GetStream().WriteAsync("still here"u8.ToArray());
        var buffer = new byte["still here".Length];
        await stream.ReadExactlyAsync(buffer);
        accepted.Dispose();
        client.Dispose();
        Assert.Equal(0, await proxy.WaitForExitAsync());
        Assert.DoesNotContain('\n', proxy.Output.Text);
        Assert.DoesNotContain("good-key", proxy.Errors.Text, StringComparison.Ordinal);
    }

    private async Task<string> CurlConnectStatusAsync(Uri proxy, string credentials)
    {
        var start = new System.Diagnostics.ProcessStartInfo("/usr/bin/curl") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-s", "-o", "/dev/null", "-w", "%{http_connect}", "--max-time", "60", "--proxy-cacert", Path.Combine(_folder, "ca.pem"), "-x", proxy.ToString(), "--proxy-header", $"Proxy-Authorization: {credentials}", "-p", "http://127.0.0.1:9/" })
            start.ArgumentList.Add(argument);
        using var curl = System.Diagnostics.Process.Start(start)!;
        return await curl.StandardOutput.ReadToEndAsync();
    }

    private static async Task ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one);
            head.Append((char)one[0]);
        }
        Assert.StartsWith("HTTP/1.1 200", head.ToString(), StringComparison.Ordinal);
    }
}
