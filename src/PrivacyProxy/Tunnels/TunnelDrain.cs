using Microsoft.Extensions.Options;

namespace PrivacyProxy.Tunnels;

/// <summary>Lets tunnels end in peace when the host is told to stop, before the listeners close.</summary>
internal sealed partial class TunnelDrain(TunnelRegistry registry, IOptionsMonitor<DrainOptions> options, TimeProvider time, ILogger<TunnelDrain> logger)
    : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var drain = options.CurrentValue;
        await Task.Delay(drain.Delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var reset = await registry.DrainAsync(drain.Timeout, cancellationToken);
        if (reset > 0) LogReset(reset);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 2721, Level = LogLevel.Warning, Message = "Stopping: {Count} tunnels were still open after Drain:Timeout and were reset.")]
    private partial void LogReset(int count);
}
