namespace PrivacyProxy.Exporting.Logs;

/// <summary>Logs: section <c>PrivacyProxy:Telemetry:Logs</c>. Levels are set by the section <c>Logging</c>.</summary>
internal sealed class LogsOptions
{
    public const string Section = "PrivacyProxy:Telemetry:Logs";

    /// <summary>How lines look on standard error.</summary>
    public LogFormat Format { get; set; }
}
