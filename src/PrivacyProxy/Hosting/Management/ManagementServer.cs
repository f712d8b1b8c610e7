using System.Net.Sockets;
using Microsoft.Extensions.Options;
using PrivacyProxy.Admission;
using PrivacyProxy.Configuration;
using PrivacyProxy.Exporting;
using PrivacyProxy.Exporting.Prometheus;
using PrivacyProxy.Exporting.Traces;
using PrivacyProxy.Hosting.Management.Page;
using PrivacyProxy.Recording;
using PrivacyProxy.Recording.Instruments;
using Tunneling.Admission;

namespace PrivacyProxy.Hosting.Management;

/// <summary>
/// /healthz, /readyz, /metrics, /traces and the page at / on a listener of their own, in a web host of their own: nothing a proxy client sends can reach it,
/// and it outlives the proxy's listeners while they drain.
/// </summary>
internal sealed class ManagementServer(IOptions<ProxyOptions> options, ProxyReadiness readiness, ProxyMeter metrics, TunnelTraces traces) : IHostedLifecycleService, IAsyncDisposable
{
    private readonly Exposition _exposition = new(metrics.Registry);
    private WebApplication? _app;

    /// <exception cref="InvalidConfigurationException">The address cannot be listened on.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var management = options.Value.Management;
        if (!ListenUrl.TryParse(management, out var url)) return;
        _app = Build(url);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new InvalidConfigurationException($"{ProxyOptions.Section}:{nameof(ProxyOptions.Management)}", management, $"an address and port that can be listened on, or none ({ListenFailure.Reason(exception)})");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Last of all: readiness is told as long as tunnels drain.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _exposition.Dispose();
    }

    private WebApplication Build(ListenUrl url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(url.EndPoint);
        });
        builder.Services.AddAdmission(_ => Limits(options.Value.Connections));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.UseMiddleware<RequestLimits>();
        app.MapRead("/healthz", static () => Results.Text("ok\n"));
        app.MapRead("/readyz", () => readiness.Missing() is { Count: > 0 } missing
            ? Results.Text($"not ready\n{string.Join('\n', missing)}\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text(readiness.Note is { } note ? $"ready\n{note}\n" : "ready\n"));
        app.MapMetrics(metrics.IsScraped ? _exposition : null);
        app.MapTraces(traces.Recent);
        app.MapPage();
        return app;
    }

    /// <summary>A share of its own, of the process's descriptors.</summary>
    private static AdmissionLimits Limits(ConnectionOptions connections)
    {
        var budget = DescriptorBudget.Claim(connections.Reserve);
        var limits = connections.ToLimits(budget);
        return limits with { Places = AdmissionServices.ManagementShare(budget), StrangerMemory = limits.StrangerMemory / 8 };
    }
}
