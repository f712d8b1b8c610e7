using PrivacyRelay.Streams;

namespace PrivacyRelay.Upstream;

/// <summary>What a proxy answered to a request for a tunnel.</summary>
/// <param name="Response">Its status and fields.</param>
/// <param name="Tunnel">The tunnel it opened, which the caller disposes; null when it refused.</param>
internal readonly record struct HopAnswer(ConnectResponse Response, DuplexStream? Tunnel);
