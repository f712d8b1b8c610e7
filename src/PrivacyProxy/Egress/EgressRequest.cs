using PrivacyProxy.Recording;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress;

/// <summary>A destination to dial, and the hint that chooses the source address.</summary>
/// <param name="Target">The destination.</param>
/// <param name="Geohash">The hint, null without.</param>
/// <param name="Trace">Records the steps; null when nothing does.</param>
/// <param name="OnLoop">Whether the connection is to live on the loop that asks: then it is a channel, not a socket.</param>
/// <param name="Country">Where the client is as its issuer has signed it, two letters: then the hint, which is the client's own word, does not count. Null without.</param>
internal readonly record struct EgressRequest(TunnelTarget Target, string? Geohash, RequestTrace? Trace = null, bool OnLoop = false, string? Country = null);
