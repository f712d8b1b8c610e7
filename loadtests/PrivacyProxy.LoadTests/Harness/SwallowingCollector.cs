using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PrivacyProxy.LoadTests.Harness;

/// <summary>An OTLP collector over gRPC on loopback that says yes to every export and keeps nothing but their number.</summary>
internal sealed class SwallowingCollector : IAsyncDisposable
{
    /// <summary>Not compressed, no bytes: every field of an export's response may be left out.</summary>
    private static readonly byte[] _emptyMessage = new byte[5];

    private readonly WebApplication _app;
    private int _traceExports;
    private int _metricExports;

    private SwallowingCollector(WebApplication app) => _app = app;

    /// <summary>Exports of spans so far.</summary>
    public int TraceExports => Volatile.Read(ref _traceExports);

    /// <summary>Exports of metrics so far.</summary>
    public int MetricExports => Volatile.Read(ref _metricExports);

    public string Url => _app.Urls.Single();

    public static async Task<SwallowingCollector> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, static endPoint => endPoint.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        var collector = new SwallowingCollector(app);
        app.Run(collector.SwallowAsync);
        await app.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task SwallowAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        var path = context.Request.Path.Value ?? "";
        if (path.Contains(".trace.", StringComparison.Ordinal)) Interlocked.Increment(ref _traceExports);
        if (path.Contains(".metrics.", StringComparison.Ordinal)) Interlocked.Increment(ref _metricExports);
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(_emptyMessage, context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
