namespace PrivacyRelay.Upstream;

/// <summary>One proxy on the way: how to speak to it, and how to pay it.</summary>
internal sealed record Hop(ProxyPeer Peer, IHopCredentials Credentials);
