using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace PrivacyProxy.Exporting.Otlp;

/// <summary>Sends what is left when the proxy ends: the SDK's hosting starts its providers and disposes of them, with more time than the end has.</summary>
internal sealed class OtlpExport(MeterProvider metrics, TracerProvider traces) : IHostedLifecycleService
{
    /// <summary>What is left to send at the end is given this long; the host's own reserve is longer.</summary>
    private const int FlushMilliseconds = 3000;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After the last tunnel has ended.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) =>
        Task.Run(() => Parallel.Invoke(() => metrics.Shutdown(FlushMilliseconds), () => traces.Shutdown(FlushMilliseconds)), CancellationToken.None);
}
