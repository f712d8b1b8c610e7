namespace PrivacyProxy.LoadTests.Soak;

/// <summary>What was seen since the sample before.</summary>
/// <param name="At">Seconds since the beginning.</param>
/// <param name="Opened">Tunnels that were answered.</param>
/// <param name="Failed">Tunnels that failed.</param>
/// <param name="P99">Milliseconds from when a tunnel was due to its answer; 0 with none.</param>
/// <param name="ResidentBytes">Memory of the proxy; null where it is not known.</param>
internal sealed record SoakSample(double At, long Opened, int Failed, double P99, long? ResidentBytes);
