using Masque.Templates;
using PrivacyProxy.Requests;

namespace PrivacyProxy.Listeners.Templated;

/// <summary>A place of the proxy's own origin where tunnels of a kind are opened.</summary>
internal sealed record TunnelResource(TunnelKind Kind, TargetTemplate Template);
