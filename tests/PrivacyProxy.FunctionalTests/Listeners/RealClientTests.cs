using System.Diagnostics;
using System.Net;
using PrivacyProxy.Requests;
using PrivacyProxy.FunctionalTests.EndToEnd.Harness;

namespace PrivacyProxy.FunctionalTests.Listeners;

/// <summary>Clients that others wrote; the origin is an HTTPS server of Kestrel.</summary>
public class RealClientTests
{
    private const string Http2Curl = "curl8";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HttpClient_loads_a_page_through_the_proxy(bool tls)
    {
        await using var proxy = await ProxyFixture.StartAsync(tls);
        await using var origin = await ProxyFixture.StartAsync(tls: true);
        proxy.Redeemer.Decide = _ => RedemptionResult.Accepted;
        using var handler = new SocketsHttpHandler
        {
            Proxy = new WebProxy($"{(tls ? "https" : "http")}://localhost:{proxy.EndPoint.Port}"),
            SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
        };
        using var client = new HttpClient(handler);
        Assert.Equal("not a tunnel", await client.GetStringAsync($"https://localhost:{origin.EndPoint.Port}/").WaitAsync(TestTimes.Limit));
        Assert.Single(proxy.Egress.Seen);
    }

    [SkippableTheory]
    [InlineData("/usr/bin/curl", "http", "")]
    [InlineData("/usr/bin/curl", "https", "")]
    [InlineData(Http2Curl, "https", "--proxy-http2")]
    public async Task Curl_loads_a_page_through_the_proxy(string curl, string scheme, string options)
    {
        var program = curl == Http2Curl ? SidProgram.Require(curl) : curl;
        Skip.IfNot(File.Exists(program), $"{program} is not installed.");
        await using var proxy = await ProxyFixture.StartAsync(tls: scheme == "https");
        await using var origin = await ProxyFixture.StartAsync(tls: true);
        var start = new ProcessStartInfo(program, $"-sSk -v {options} -x {scheme}://127.0.0.1:{proxy.EndPoint.Port} --proxy-insecure --max-time 20 https://origin.test:{origin.EndPoint.Port}/")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Arguments += $" --proxy-header \"Proxy-Authorization: {TestClient.GoodCredentials}\"";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TestTimes.Limit);
        await process.WaitForExitAsync().WaitAsync(TestTimes.Limit);
        Assert.True(process.ExitCode == 0, await errors);
        Assert.Equal("not a tunnel", output);
        await TestTimes.UntilAsync(() => proxy.Metrics["privacy_proxy_requests_by_status{status=200}"] == 1);
    }
}
