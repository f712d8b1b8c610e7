using System.Diagnostics;
using System.Text.RegularExpressions;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Listeners;

/// <summary>Clients that others wrote, at TLS ports of both engines.</summary>
public sealed class TlsClientTests
{
    [SkippableTheory]
    [InlineData(TestWay.Http1Tls, "-tls1_2")]
    [InlineData(TestWay.Http1NativeTls, "-tls1_2")]
    [InlineData(TestWay.Http1Tls, "-tls1_3")]
    [InlineData(TestWay.Http1NativeTls, "-tls1_3")]
    public async Task OpenSSL_gets_the_version_it_asks_for_and_resumes_its_session(TestWay way, string version)
    {
        Skip.IfNot(File.Exists("/usr/bin/openssl"), "openssl is not installed.");
        await using var proxy = await ProxyFixture.StartAsync(way);
        using var folder = new TemporaryDirectory();
        var session = Path.Combine(folder.Path, "session");
        // The answer is waited for, and with it the ticket of TLS 1.3.
        var first = await SClientAsync(proxy, $"{version} -sess_out {session}");
        Assert.Matches("New, TLSv1.[23], Cipher is [A-Z0-9_-]*(GCM|CHACHA20)", first);
        Assert.Contains("407 Proxy Authentication Required", first, StringComparison.Ordinal);
        Assert.Contains("ALPN protocol: http/1.1", first, StringComparison.Ordinal);
        var second = await SClientAsync(proxy, $"{version} -sess_in {session}");
        Assert.Matches(new Regex("^Reused, TLSv1.[23]", RegexOptions.Multiline), second);
        Assert.Contains("407 Proxy Authentication Required", second, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(TestWay.Http1Tls)]
    [InlineData(TestWay.Http1NativeTls)]
    public async Task Versions_before_1_2_are_refused(TestWay way)
    {
        Skip.IfNot(File.Exists("/usr/bin/openssl"), "openssl is not installed.");
        await using var proxy = await ProxyFixture.StartAsync(way);
        foreach (var version in new[] { "-tls1", "-tls1_1" })
            Assert.Contains("Cipher is (NONE)", await SClientAsync(proxy, $"{version} -cipher ALL:@SECLEVEL=0"), StringComparison.Ordinal);
        Assert.Empty(proxy.Logs.Lines);
    }

    [SkippableTheory]
    [InlineData("/usr/bin/curl", "--tls-max 1.2")]
    [InlineData("/usr/bin/curl", "")]
    [InlineData("curl8", "")]
    [InlineData("curl8", "--proxy-http2")]
    public async Task Curl_loads_a_page_through_the_loops(string curl, string options)
    {
        var program = curl == "curl8" ? SidProgram.Require(curl) : curl;
        Skip.IfNot(File.Exists(program), $"{program} is not installed.");
        await using var proxy = await ProxyFixture.StartAsync(TestWay.Http1NativeTls);
        await using var origin = await ProxyFixture.StartAsync(TestWay.Http1NativeTls);
        var arguments = $"-sSk -v {options} -x https://127.0.0.1:{proxy.EndPoint.Port} --proxy-insecure --max-time 30 --proxy-header \"Proxy-Authorization: {TestClient.GoodCredentials}\"";
        // Twice on one command line: what curl keeps open between, it may use again.
        var (output, errors, code) = await RunAsync(program, $"{arguments} https://origin.test:{origin.EndPoint.Port}/ https://origin.test:{origin.EndPoint.Port}/", input: null);
        Assert.True(code == 0, errors);
        Assert.Equal("not a tunnelnot a tunnel", output);
        Assert.True(proxy.Egress.Seen.All(static seen => seen.OnLoop));
    }

    private static async Task<string> SClientAsync(ProxyFixture proxy, string arguments)
    {
        var (output, errors, _) = await RunAsync(
            "/usr/bin/openssl",
            $"s_client -connect 127.0.0.1:{proxy.EndPoint.Port} -servername localhost -alpn http/1.1 -ign_eof {arguments}",
            "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
        return output + errors;
    }

    private static async Task<(string Output, string Errors, int Code)> RunAsync(string program, string arguments, string? input)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = input is not null, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            if (input is not null) await process.StandardInput.WriteAsync(input);
            if (input is not null) await process.StandardInput.FlushAsync();
            await process.WaitForExitAsync().WaitAsync(TestTimes.Limit);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }

        return (await output, await errors, process.ExitCode);
    }
}
