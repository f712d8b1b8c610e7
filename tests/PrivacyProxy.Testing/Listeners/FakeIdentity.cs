using PrivacyProxy.Requests;

namespace PrivacyProxy.Testing.Listeners;

/// <summary>A proxy that was told no name.</summary>
internal sealed record FakeIdentity(string? Name = null, string StatusName = "privacy-proxy", string OriginInfo = "") : IProxyIdentity;
