using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Templated;

/// <summary>A request target that names a tunnel.</summary>
/// <param name="Kind">What kind of tunnel.</param>
/// <param name="Target">Where to; null with an error.</param>
/// <param name="Error">What is wrong with the destination.</param>
internal sealed record TunnelResourceMatch(TunnelKind Kind, TunnelTarget? Target, TunnelTargetError Error);
