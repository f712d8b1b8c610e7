namespace PrivacyProxy.Exporting.Otlp;

/// <summary>Reports a collector that cannot be sent to once, and once when it can again.</summary>
internal sealed partial class CollectorHealth(string endpoint, ILogger logger)
{
    private readonly Lock _gate = new();

    /// <summary>The signals that cannot be sent, and whether it is the collector as a whole that is away.</summary>
    private readonly Dictionary<ExportedSignal, bool> _failing = [];

    public void Sent(ExportedSignal signal)
    {
        lock (_gate)
        {
            if (_failing.Count == 0) return;
            _failing.Remove(signal);
            // It is there again, for the signals too that have had nothing to send since.
            foreach (var (other, unreachable) in _failing.ToArray())
                if (unreachable) _failing.Remove(other);
            if (_failing.Count == 0) LogRecovered(endpoint);
        }
    }

    public void Failed(ExportedSignal signal, ExportOutcome outcome)
    {
        lock (_gate)
        {
            if (_failing.Count == 0) LogFailed(signal, endpoint, outcome.Reason);
            _failing[signal] = outcome.Unreachable;
        }
    }

    [LoggerMessage(EventId = 2901, Level = LogLevel.Warning, Message = "{Signal} cannot be sent to the collector {Endpoint}: {Reason}. What it misses is lost, tunnels are not affected; this is said once until it can be sent to again.")]
    private partial void LogFailed(ExportedSignal signal, string endpoint, string reason);

    [LoggerMessage(EventId = 2902, Level = LogLevel.Information, Message = "The collector {Endpoint} can be sent to again.")]
    private partial void LogRecovered(string endpoint);
}
