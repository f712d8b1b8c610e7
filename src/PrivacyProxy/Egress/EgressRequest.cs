using PrivacyProxy.Tunnels;

namespace PrivacyProxy.Egress;

/// <summary>A destination to dial, and the hint that chooses the source address.</summary>
internal readonly record struct EgressRequest(TunnelTarget Target, string? Geohash);
