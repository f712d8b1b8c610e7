using System.Net;
using PrivacyProxy.Certificates;

namespace PrivacyProxy.Commands.Demo;

/// <summary>A small TLS site: one page with one line of text and one large block of a known colour.</summary>
internal sealed class DemoOrigin : IAsyncDisposable
{
    /// <summary>On the page.</summary>
    public const string Text = "Hello from the other side of the proxy";

    /// <summary>The colour of the block, as in CSS.</summary>
    public const string BlockColor = "#1a7f37";

    private const string Page = $$"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>PrivacyProxy demo</title>
        <style>body { margin: 0; font: 24px sans-serif } #block { height: 400px; background: {{BlockColor}} } p { padding: 0 1em }</style></head>
        <body><div id="block"></div><p id="text">{{Text}}</p></body></html>

        """;

    private readonly WebApplication _application;
    private readonly CertificateAuthority _authority;

    private DemoOrigin(WebApplication application, CertificateAuthority authority, Uri url)
    {
        _application = application;
        _authority = authority;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>Who vouches for its certificate.</summary>
    public CertificateAuthority Authority => _authority;

    /// <summary>Starts it on a free loopback port.</summary>
    public static async Task<DemoOrigin> StartAsync(CancellationToken cancellationToken)
    {
        var authority = CertificateAuthority.Create("PrivacyProxy demo origin CA");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(authority.IssueServer(["localhost", "127.0.0.1"]))));
        var application = builder.Build();
        application.MapGet("/", static () => Results.Content(Page, "text/html; charset=utf-8"));
        await application.StartAsync(cancellationToken);
        return new DemoOrigin(application, authority, new Uri(application.Urls.Single()));
    }

    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _authority.Dispose();
    }
}
