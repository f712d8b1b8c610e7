using System.Buffers.Binary;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace PrivacyProxy.FunctionalTests.EndToEnd.Harness.Otlp;

/// <summary>An OTLP collector on loopback that keeps what it gets: protobuf over HTTP/1.1, or gRPC over cleartext HTTP/2.</summary>
internal sealed class Collector : IAsyncDisposable
{
    public const string Grpc = "grpc";
    public const string HttpProtobuf = "http/protobuf";

    private const int GrpcPrefix = 5;

    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly List<ReceivedExport> _exports = [];
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Collector(WebApplication app, string protocol)
    {
        _app = app;
        Protocol = protocol;
    }

    public string Protocol { get; }

    public CollectorMood Mood { get; set; }

    public Uri Url => new(_app.Urls.Single());

    public IReadOnlyList<ReceivedExport> Exports
    {
        get
        {
            lock (_gate) return [.. _exports];
        }
    }

    public IReadOnlyList<ReceivedSpan> Spans => [.. Exports.Where(static export => export.IsTraces).SelectMany(static export => ReceivedSpan.ReadAll(export.Message))];

    public IReadOnlyList<ReceivedMetric> Metrics => [.. Exports.Where(static export => !export.IsTraces).SelectMany(static export => ReceivedMetric.ReadAll(export.Message))];

    public static async Task<Collector> StartAsync(string protocol, int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = protocol == Grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var app = builder.Build();
        var collector = new Collector(app, protocol);
        app.Run(collector.ServeAsync);
        await app.StartAsync();
        return collector;
    }

    /// <summary>The settings of a proxy that sends here, metrics every second and a trace of every request.</summary>
    public Dictionary<string, string> Settings() => Settings(Url.ToString(), Protocol);

    /// <summary>The settings of a proxy that sends there, metrics every second and a trace of every request.</summary>
    public static Dictionary<string, string> Settings(string endpoint, string protocol) => new(StringComparer.Ordinal)
    {
        ["PrivacyProxy__Telemetry__Otlp__Endpoint"] = endpoint,
        ["PrivacyProxy__Telemetry__Otlp__Protocol"] = protocol,
        ["PrivacyProxy__Telemetry__Otlp__MetricsInterval"] = "00:00:01",
        ["PrivacyProxy__Telemetry__Traces__Ratio"] = "1",
    };

    /// <summary>Waits until what has come satisfies a test.</summary>
    public async Task WaitAsync(Func<Collector, bool> satisfied)
    {
        using var deadline = new CancellationTokenSource(ChildProcess.Patience);
        while (true)
        {
            Task changed;
            lock (_gate) changed = _changed.Task;
            if (satisfied(this)) return;
            await changed.WaitAsync(deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, _stop.Token);
        var mood = Mood;
        Keep(context.Request, body.ToArray());
        if (mood == CollectorMood.Hanging)
        {
            // Until the exporter gives up or the test is over.
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, context.RequestAborted);
            await Task.Delay(Timeout.Infinite, end.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            context.Abort();
            return;
        }

        if (Protocol == Grpc) await AnswerGrpcAsync(context, mood);
        else await AnswerHttpAsync(context, mood);
    }

    private static async Task AnswerHttpAsync(HttpContext context, CollectorMood mood)
    {
        context.Response.ContentType = "application/x-protobuf";
        if (mood == CollectorMood.Accepting) return;
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        await context.Response.WriteAsync($"wrong key {context.Request.Headers["x-api-key"]}");
    }

    private static async Task AnswerGrpcAsync(HttpContext context, CollectorMood mood)
    {
        context.Response.ContentType = "application/grpc";
        if (mood == CollectorMood.Accepting) await context.Response.Body.WriteAsync(new byte[GrpcPrefix]);
        context.Response.AppendTrailer("grpc-status", mood == CollectorMood.Accepting ? "0" : "16");
        if (mood == CollectorMood.Refusing) context.Response.AppendTrailer("grpc-message", $"wrong key {context.Request.Headers["x-api-key"]}");
    }

    private void Keep(HttpRequest request, byte[] body)
    {
        if (Protocol == Grpc)
        {
            Assert.Equal(body.Length - GrpcPrefix, BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)));
            body = body[GrpcPrefix..];
        }

        var headers = request.Headers.ToDictionary(static field => field.Key, static field => field.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        TaskCompletionSource changed;
        lock (_gate)
        {
            _exports.Add(new ReceivedExport(request.Path, headers, body));
            (changed, _changed) = (_changed, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
    }
}
