using PrivacyProxy.LoadTests.Measurements;

namespace PrivacyProxy.LoadTests.Strangers;

/// <summary>Good tunnels for a while.</summary>
/// <param name="HasStrangers">Whether strangers were there.</param>
/// <param name="Opened">Good tunnels.</param>
/// <param name="Failed">Good tunnels that failed.</param>
/// <param name="Failure">What the first one failed with.</param>
/// <param name="Answer">From each request to its answer, waiting to be accepted with it.</param>
/// <param name="SinceDue">From when each was due to its answer: how late the load itself was comes on top.</param>
/// <param name="Strangers">Connections of strangers open at the end, or heads they sent in a second.</param>
internal sealed record StrangersRound(bool HasStrangers, long Opened, int Failed, string? Failure, LatencySummary Answer, LatencySummary SinceDue, double Strangers);
