using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace PrivacyProxy.Testing.Top;

/// <summary>A management endpoint that says what a test wants, on a port that a later one can take again.</summary>
internal sealed class FakeManagement : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeManagement(WebApplication app, int port)
    {
        _app = app;
        Port = port;
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    public static async Task<FakeManagement> StartAsync(string metrics, int port, string missing = "")
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        app.Run(context =>
        {
            if (context.Request.Path == "/metrics") return context.Response.WriteAsync(metrics);
            context.Response.StatusCode = missing.Length == 0 ? 200 : 503;
            return context.Response.WriteAsync(missing.Length == 0 ? "ready\n" : $"not ready\n{missing}\n");
        });
        await app.StartAsync();
        return new FakeManagement(app, port);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
