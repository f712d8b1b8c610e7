using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness;

/// <summary>A web site on loopback, cleartext and TLS: a page, large bodies, and the hash of what was uploaded.</summary>
internal sealed class WebOrigin : IAsyncDisposable
{
    public const string Page = "hello from the origin\n";

    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private WebOrigin(WebApplication app, X509Certificate2 certificate)
    {
        _app = app;
        _certificate = certificate;
        var urls = app.Urls.Select(url => new Uri(url)).ToList();
        Plain = new Uri($"http://localhost:{urls.Single(url => url.Scheme == "http").Port}");
        Tls = new Uri($"https://localhost:{urls.Single(url => url.Scheme == "https").Port}");
    }

    /// <summary>By name, so that the proxy resolves it.</summary>
    public Uri Plain { get; }

    public Uri Tls { get; }

    public string CertificatePem => _certificate.ExportCertificatePem();

    public static async Task<WebOrigin> StartAsync()
    {
        var certificate = TestCertificate.Create();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        var app = builder.Build();
        app.MapGet("/", () => Page);
        app.MapGet("/bytes/{count:long}", (long count, HttpContext http) => WriteAsync(http.Response, count));
        app.MapPost("/hash", async (HttpContext http) =>
            await http.Response.WriteAsync(Convert.ToHexString(await SHA256.HashDataAsync(http.Request.Body))));
        app.MapGet("/repository.git/info/refs", () => $"{new string('a', 40)}\trefs/heads/main\n");
        app.MapGet("/repository.git/HEAD", () => "ref: refs/heads/main\n");
        await app.StartAsync();
        return new WebOrigin(app, certificate);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private static async Task WriteAsync(HttpResponse response, long count)
    {
        response.ContentLength = count;
        foreach (var chunk in Payload.Chunks(count)) await response.Body.WriteAsync(chunk);
    }
}
