using PrivacyRelay.Upstream;

namespace PrivacyRelay;

/// <summary>How a relay is at the moment, for the person whose it is: it names the proxies, and no destination.</summary>
/// <param name="Hops">The proxies, the nearer one first, each with the tokens held for it; null for one that is paid otherwise.</param>
/// <param name="Tunnels">Tunnels open.</param>
/// <param name="LastRefusal">Null while nothing was refused.</param>
internal sealed record RelayState(IReadOnlyList<(string Proxy, int? Tokens)> Hops, int Tunnels, TunnelRefusal? LastRefusal);
