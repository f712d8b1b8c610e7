using Microsoft.Extensions.Options;
using PrivacyProxy.Recording;

namespace PrivacyProxy.Exporting.Logs;

/// <summary>Says loudly that destinations and clients are being written down: at every start, and when it is switched on.</summary>
internal sealed partial class DestinationWarning(IOptionsMonitor<RecordingOptions> options, ILogger<DestinationWarning> logger) : IHostedService, IDisposable
{
    private IDisposable? _changes;
    private bool _included;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Check(options.CurrentValue);
        _changes = options.OnChange(Check);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _changes?.Dispose();

    private void Check(RecordingOptions telemetry)
    {
        var included = telemetry.Debug.IncludeDestinations;
        if (included && !_included) LogIncluded();
        _included = included;
    }

    [LoggerMessage(EventId = 2911, Level = LogLevel.Warning, Message = "PrivacyProxy:Telemetry:Debug:IncludeDestinations is on: WHO VISITS WHAT IS WRITTEN into logs and traces. For a developer's machine only; never with real clients.")]
    private partial void LogIncluded();
}
