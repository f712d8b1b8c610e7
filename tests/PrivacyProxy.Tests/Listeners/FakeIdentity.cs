using PrivacyProxy.Requests;

namespace PrivacyProxy.Tests.Listeners;

/// <summary>A proxy that was told no name.</summary>
internal sealed record FakeIdentity(string? Name = null, string StatusName = "privacy-proxy", string OriginInfo = "") : IProxyIdentity;
