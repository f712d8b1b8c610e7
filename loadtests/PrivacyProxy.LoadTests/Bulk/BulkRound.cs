namespace PrivacyProxy.LoadTests.Bulk;

/// <summary>One way of one round.</summary>
/// <param name="Down">From the destination to the client, or the other way.</param>
/// <param name="Bytes">That passed.</param>
/// <param name="Failed">Tunnels that broke or were not opened.</param>
/// <param name="Failure">What the first one failed with.</param>
/// <param name="Seconds">From the first order to the last byte; opening is not in it.</param>
/// <param name="ProcessorSeconds">CPU time of the proxy in that, without .NET's background compiler; null where it is not known.</param>
internal sealed record BulkRound(bool Down, long Bytes, int Failed, string? Failure, double Seconds, double? ProcessorSeconds)
{
    public double GigabytesPerSecond => Bytes / 1e9 / Seconds;

    public double? ProcessorSecondsPerGigabyte => Bytes > 0 ? ProcessorSeconds / (Bytes / 1e9) : null;
}
