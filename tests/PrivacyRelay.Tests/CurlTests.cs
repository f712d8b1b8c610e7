using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PrivacyRelay.Tests.Fixtures;

namespace PrivacyRelay.Tests;

public sealed class CurlTests
{
    [SkippableTheory]
    [InlineData("--socks5-hostname", true)]
    [InlineData("--socks5-hostname", false)]
    [InlineData("--socks4a", true)]
    [InlineData("--socks4a", false)]
    [InlineData("--proxy", true)]
    [InlineData("--proxy", false)]
    public async Task Curl_fetches_and_posts_through_the_relay(string flag, bool tls)
    {
        Skip.IfNot(File.Exists("/usr/bin/curl"), "curl is absent");
        using var certificate = TestCertificate.Create();
        using var mint = new TokenMint();
        await using var origin = StartOrigin(tls ? certificate : null);
        await origin.StartAsync();
        var port = new Uri(origin.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        await using var proxy = new FakeProxy(mint, certificate);
        await using var relay = TestRelay.Start(mint, certificate, proxy);
        var url = $"{(tls ? "https" : "http")}://origin.example:{port}/hello";

        Assert.Equal("hello from the origin", await CurlAsync(flag, $"127.0.0.1:{relay.Port}", url));
        Assert.Equal("200000", await CurlAsync(flag, $"127.0.0.1:{relay.Port}", url, "--data-binary", "@-"));
        Assert.Equal("200000", await CurlAsync(flag, $"127.0.0.1:{relay.Port}", url, "--data-binary", "@-", "-H", "Transfer-Encoding: chunked"));
        Assert.Equal(3, proxy.Spent.Count);
    }

    private static WebApplication StartOrigin(System.Security.Cryptography.X509Certificates.X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null) listen.UseHttps(certificate);
        }));
        var origin = builder.Build();
        origin.MapGet("/hello", () => "hello from the origin");
        origin.MapPost("/hello", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            return body.Length.ToString();
        });
        return origin;
    }

    private static async Task<string> CurlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/curl", ["-sSk", "--fail", "--max-time", "30", "--noproxy", "", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        using var curl = Process.Start(start)!;
        var output = curl.StandardOutput.ReadToEndAsync();
        var errors = curl.StandardError.ReadToEndAsync();
        if (arguments.Contains("@-")) await curl.StandardInput.WriteAsync(new string('x', 200_000));
        curl.StandardInput.Close();
        await curl.WaitForExitAsync();
        Assert.True(curl.ExitCode == 0, $"curl exited with {curl.ExitCode}: {await errors}");
        return await output;
    }
}
