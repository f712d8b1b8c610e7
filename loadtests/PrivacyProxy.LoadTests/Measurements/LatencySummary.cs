namespace PrivacyProxy.LoadTests.Measurements;

/// <summary>What is printed and written of a <see cref="LatencyHistogram"/>; times in microseconds.</summary>
internal sealed record LatencySummary(long Count, double P50, double P90, double P99, double P999, double Max);
