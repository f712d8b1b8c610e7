using PrivacyRelay.Upstream;

namespace PrivacyRelay.Socks5;

/// <summary>A request as read: a destination to tunnel to, or the reply that refuses it.</summary>
internal readonly record struct Socks5Request(Destination? Destination, Socks5Reply Refusal);
