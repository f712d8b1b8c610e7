using System.Net;

namespace PrivacyProxy.Requests;

/// <summary>A validated destination: a DNS name (ASCII, lower case, no trailing dot) or an address literal, and a port of 1 to 65535.</summary>
/// <param name="Host">The name, or the literal without brackets.</param>
/// <param name="Address">The literal as an address; null for a name.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record TunnelTarget(string Host, IPAddress? Address, int Port);
