using PrivacyProxy.Recording;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Egress;

/// <summary>A destination to dial, and the hint that chooses the source address.</summary>
/// <param name="Target">The destination.</param>
/// <param name="Geohash">The hint, null without.</param>
/// <param name="Trace">Records the steps; null when nothing does.</param>
/// <param name="OnLoop">Whether the connection is to live on the loop that asks: then it is a channel, not a socket.</param>
internal readonly record struct EgressRequest(TunnelTarget Target, string? Geohash, RequestTrace? Trace = null, bool OnLoop = false);
