using PrivacyPass;

namespace PrivacyProxy.Redemption;

/// <summary>Says when the wall clock jumps. What has expired is judged by the time that has passed until the clock has stood by the jump.</summary>
internal sealed partial class ClockWatch(TimeProvider time, ILogger<ClockWatch> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    /// <summary>What is to be said of the clock, null while it is believed; for /readyz.</summary>
    public static string? Note(TimeProvider time) =>
        time is SteadyTimeProvider { Jump: { } jump } ? $"the system clock has jumped {Describe(jump)}: keys are judged by the time that has passed" : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (time is not SteadyTimeProvider steady) return;
        var told = false;
        using var timer = new PeriodicTimer(_interval, time);
        try
        {
            do
            {
                var jump = steady.Jump;
                if (jump is not null && !told) LogJump(Describe(jump.Value));
                if (jump is null && told) LogBelieved();
                told = jump is not null;
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private static string Describe(TimeSpan jump) => $"{jump.Duration():c} {(jump > TimeSpan.Zero ? "ahead" : "back")}";

    [LoggerMessage(EventId = 2621, Level = LogLevel.Warning, Message = "The system clock has jumped {Jump}. Keys and spent tokens are judged by the time that has passed, until the clock is back or has stood by it for 10 minutes.")]
    private partial void LogJump(string jump);

    [LoggerMessage(EventId = 2622, Level = LogLevel.Information, Message = "The system clock is believed again.")]
    private partial void LogBelieved();
}
