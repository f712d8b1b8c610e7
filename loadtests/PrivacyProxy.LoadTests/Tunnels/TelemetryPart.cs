namespace PrivacyProxy.LoadTests.Tunnels;

/// <summary>What a comparison turns on in the second proxy; in the first, all of it is off.</summary>
internal enum TelemetryPart
{
    /// <summary>Nothing either: what the method itself sees where there is no difference.</summary>
    Nothing,

    /// <summary>Metrics, as they are scraped.</summary>
    Metrics,

    /// <summary>Traces, 1% of them kept, nothing exported.</summary>
    Traces,

    /// <summary>Metrics, traces, OTLP export of both and the parts of Server-Timing.</summary>
    Telemetry,
}
