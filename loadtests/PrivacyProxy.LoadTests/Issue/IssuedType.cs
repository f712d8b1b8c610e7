using System.Text.Json.Serialization;
using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Issue;

/// <summary>Tokens of one type.</summary>
/// <param name="Type">1 or 2.</param>
/// <param name="Issued">Tokens that verify.</param>
/// <param name="Failed">Requests that gave none.</param>
/// <param name="Failure">What the first one failed with.</param>
/// <param name="Seconds">Wall-clock time of the requests; the client's own work on them was before and after.</param>
/// <param name="ProcessorSeconds">CPU time of the issuer, without .NET's background compiler; null where it is not known.</param>
/// <param name="Answer">From the request to the answer.</param>
internal sealed record IssuedType(int Type, int Issued, int Failed, string? Failure, double Seconds, double? ProcessorSeconds, LatencySummary Answer)
{
    public double PerSecond => Issued / Seconds;

    public double? ProcessorMicroseconds => Issued > 0 ? ProcessorSeconds * 1e6 / Issued : null;

    [JsonIgnore]
    public LatencyHistogram Latencies { get; init; } = new();
}
