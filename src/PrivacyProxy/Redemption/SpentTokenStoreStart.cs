using Microsoft.Extensions.Options;
using PrivacyPass.SpentTokens;

namespace PrivacyProxy.Redemption;

/// <summary>
/// Waits for the store before the listeners open, but not for long: a proxy whose store cannot be reached starts all the
/// same, says so and answers 503 until it can.
/// </summary>
internal sealed partial class SpentTokenStoreStart(ISpentTokenStore store, IOptionsMonitor<AuthenticationOptions> options, ILogger<SpentTokenStoreStart> logger) : IHostedLifecycleService
{
    private const long LimitMilliseconds = 2_000;

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(10);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!options.CurrentValue.Required) return;
        var until = Environment.TickCount64 + LimitMilliseconds;
        while (!store.IsReady && !cancellationToken.IsCancellationRequested && Environment.TickCount64 < until) await Task.Delay(_look, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (store.NotReady is not { } problem) return;
        if (cancellationToken.IsCancellationRequested) LogStopped(problem);
        else LogNotReady(problem);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 2611, Level = LogLevel.Warning, Message = "Started, but tokens are refused: {Problem}.")]
    private partial void LogNotReady(string problem);

    [LoggerMessage(EventId = 2612, Level = LogLevel.Information, Message = "Stopped while the start waited: {Problem}.")]
    private partial void LogStopped(string problem);
}
