namespace PrivacyProxy.Recording;

/// <summary>What is recorded of requests: keys of the section <c>PrivacyProxy:Telemetry</c>.</summary>
internal class RecordingOptions
{
    /// <summary>Traces.</summary>
    public TracesOptions Traces { get; set; } = new();

    /// <summary>Adds <c>redeem</c>, <c>dns</c> and <c>connect</c> to the <c>proxy;dur=</c> of Server-Timing.</summary>
    public bool ServerTimingParts { get; set; }

    /// <summary>For a developer's machine only.</summary>
    public TelemetryDebugOptions Debug { get; set; } = new();
}
