namespace PrivacyProxy.Recording;

/// <summary>For a developer's machine only: section <c>PrivacyProxy:Telemetry:Debug</c>.</summary>
internal sealed class TelemetryDebugOptions
{
    /// <summary>Puts destinations and client addresses into logs and spans (never into metrics); warned of at start.</summary>
    public bool IncludeDestinations { get; set; }
}
