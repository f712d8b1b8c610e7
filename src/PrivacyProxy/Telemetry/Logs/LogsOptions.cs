namespace PrivacyProxy.Telemetry.Logs;

/// <summary>Logs: section <c>PrivacyProxy:Telemetry:Logs</c>. Levels are set by the section <c>Logging</c>.</summary>
internal sealed class LogsOptions
{
    /// <summary>How lines look on standard error.</summary>
    public LogFormat Format { get; set; }
}
