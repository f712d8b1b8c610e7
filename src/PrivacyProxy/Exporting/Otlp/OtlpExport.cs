using Microsoft.Extensions.Options;

namespace PrivacyProxy.Exporting.Otlp;

/// <summary>Sends metrics and traces to a collector while the proxy runs, where <c>Telemetry:Otlp:Endpoint</c> names one.</summary>
internal sealed class OtlpExport(IOptions<OtlpOptions> options, IOptions<MetricsOptions> metrics, ILogger<OtlpExport> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>What is left to send at the end is given this long; the host's own reserve is longer.</summary>
    private static readonly TimeSpan _flushTimeout = TimeSpan.FromSeconds(3);

    private OtlpPipeline? _pipeline;

    /// <summary>Before the listeners: no request is missed. Without an endpoint the SDK is not even loaded.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var otlp = options.Value;
        if (string.IsNullOrEmpty(otlp.Endpoint)) return Task.CompletedTask;
        IgnoreEnvironment();
        _pipeline = new OtlpPipeline(otlp, metrics.Value.Enabled, new CollectorHealth(otlp.Endpoint, logger));
        return Task.CompletedTask;
    }

    /// <summary>
    /// The SDK reads OTEL_* variables in many places (limits, samplers, OTEL_SDK_DISABLED for traces alone), beside or over what it is
    /// told. What this proxy sends says its own configuration, so they go before the SDK is loaded.
    /// </summary>
    private static void IgnoreEnvironment()
    {
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(static name => name.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)))
            Environment.SetEnvironmentVariable(name, null);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>After the last tunnel has ended.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) =>
        _pipeline is { } pipeline ? Task.Run(() => pipeline.Flush(_flushTimeout), CancellationToken.None) : Task.CompletedTask;

    public void Dispose() => _pipeline?.Dispose();
}
